# Written by the function alone: Terraform owns no item, so no apply can change a count.
resource "aws_dynamodb_table" "visits" {
  # checkov:skip=CKV_AWS_119: encrypted with a key that AWS owns; nothing personal is stored, and a key of one's own costs more than all of this
  name         = coalesce(var.table_name, var.name)
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "pk"
  range_key    = "sk"

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "S"
  }

  ttl {
    attribute_name = "expires"
    enabled        = true
  }

  point_in_time_recovery { enabled = true }

  # Two locks, because each has a gap. prevent_destroy stops a plan that would destroy or
  # replace the table before anything else is touched, but not the console, nor a plan made
  # after this block was deleted. AWS's deletion protection stops those, but only when the
  # rest is gone already. Neither is a variable: nobody can leave it off in a tfvars file.
  # To destroy on purpose, use destroy_override.tf.example.
  deletion_protection_enabled = true

  lifecycle { prevent_destroy = true }
}
