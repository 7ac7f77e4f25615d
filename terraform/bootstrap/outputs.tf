output "tfvars" {
  description = "Lines for ../terraform.tfvars. GitHub cannot deploy without the permissions boundary."
  value = join("\n", concat(["region = \"${var.region}\""], [
    for boundary in aws_iam_policy.boundary : "permissions_boundary_arn = \"${boundary.arn}\""
  ]))
}

output "github_variables" {
  description = "Variables for GitHub: Settings, Secrets and variables, Actions, Variables."
  value = var.github == null ? {} : {
    AWS_REGION      = var.region
    AWS_PLAN_ROLE   = aws_iam_role.github["plan"].arn
    AWS_DEPLOY_ROLE = aws_iam_role.github["deploy"].arn
    TF_STATE_BUCKET = aws_s3_bucket.state.id
  }
}
