# GitHub Actions signs in with the OIDC token of its run, so no key is stored or rotated.
# Role plan: read-only, for pull requests of the repository and jobs of main. GitHub issues no token to pull requests of
# forks. Dependabot's pull requests contain code that has not been reviewed, so the role refuses them.
# Role deploy: for jobs of main in the environments, whose protection rules decide who may start them.
locals {
  issuer = "token.actions.githubusercontent.com"

  # The subject contains the IDs if the repository was created, renamed or transferred after 15 July 2026.
  # https://github.com/aws-actions/configure-aws-credentials#claims-and-scoping-permissions
  repositories = var.github == null ? [] : [
    "repo:${var.github.owner}/${var.github.repository}",
    "repo:${var.github.owner}@${var.github.owner_id}/${var.github.repository}@${var.github.repository_id}",
  ]
  subjects = var.github == null ? {} : {
    plan   = flatten([for repository in local.repositories : ["${repository}:pull_request", "${repository}:ref:refs/heads/main"]])
    deploy = flatten([for repository in local.repositories : [for environment in ["staging", "production"] : "${repository}:environment:${environment}"]])
  }
  # STS knows these claims since January 2026:
  # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
  conditions = {
    plan   = { StringNotEquals = { "${local.issuer}:actor" = "dependabot[bot]" } }
    deploy = { StringLike = { "${local.issuer}:ref" = "refs/heads/main" } }
  }
  oidc_provider_arn = try(aws_iam_openid_connect_provider.github[0].arn, var.github_oidc_provider_arn)
}

resource "aws_iam_openid_connect_provider" "github" {
  count          = var.github != null && var.github_oidc_provider_arn == null ? 1 : 0
  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "github" {
  for_each    = local.subjects
  name        = "github-${var.name}-${each.key}" # not ${var.name}-..., because a deployment must not be able to change its own role
  description = "GitHub Actions, ${var.github.owner}/${var.github.repository}: ${each.key}."
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.oidc_provider_arn }
      Condition = merge(local.conditions[each.key], {
        StringEquals = {
          "${local.issuer}:aud"           = "sts.amazonaws.com"
          "${local.issuer}:sub"           = each.value
          "${local.issuer}:repository_id" = tostring(var.github.repository_id) # another repository that gets this name later has another ID
        }
      })
    }]
  })
}

resource "aws_iam_role_policy" "plan" {
  count  = var.github == null ? 0 : 1
  name   = "plan"
  role   = aws_iam_role.github["plan"].name
  policy = jsonencode({ Version = "2012-10-17", Statement = local.may_plan })
}

resource "aws_iam_role_policy" "deploy" {
  count  = var.github == null ? 0 : 1
  name   = "deploy"
  role   = aws_iam_role.github["deploy"].name
  policy = jsonencode({ Version = "2012-10-17", Statement = local.may_deploy })
}

# Limits the permissions of every role that a deployment creates.
resource "aws_iam_policy" "boundary" {
  count       = var.github == null ? 0 : 1
  name        = "${var.name}-boundary"
  description = "Maximum permissions of the functions of ${var.name}."
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["dynamodb:Query", "dynamodb:UpdateItem"], Resource = local.on.dynamodb },
      { Effect = "Allow", Action = ["dynamodb:DeleteItem"], Resource = local.on.secrets },
      { Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = local.on.logs },
      { Effect = "Allow", Action = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], Resource = "*" },
    ]
  })
}
