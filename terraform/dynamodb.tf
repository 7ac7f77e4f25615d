# Only the function writes items. Terraform manages none, so an apply cannot change a count.
resource "aws_dynamodb_table" "visits" {
  # checkov:skip=CKV_AWS_119: an AWS owned key encrypts it, and a customer managed key costs more than the rest of the deployment
  name         = coalesce(var.staging ? null : var.table_name, var.name)
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

  # There are two protections, because each has a gap. prevent_destroy rejects a plan that would
  # destroy or replace the table, before anything is changed. It does not protect against the
  # console, or against a plan made after this block was deleted. AWS's deletion protection does,
  # but Terraform may have destroyed other resources by then. Neither is a variable, so that a
  # tfvars file cannot disable it. To destroy the table, see destroy_override.tf.example.
  deletion_protection_enabled = true

  lifecycle { prevent_destroy = true }
}

# The secret of each day, which keys the hashes of visitors in the table above. It must not outlive its
# day in a backup, so this table has none. It needs no protection: the function creates what is missing.
resource "aws_dynamodb_table" "secrets" {
  # checkov:skip=CKV_AWS_28: no backup may contain a secret
  # checkov:skip=CKV_AWS_119: an AWS owned key encrypts it, and a customer managed key costs more than the rest of the deployment
  name         = "${var.name}-secrets"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "day"

  attribute {
    name = "day"
    type = "S"
  }

  ttl {
    attribute_name = "expires"
    enabled        = true
  }

  point_in_time_recovery { enabled = false }
}
