# Trust and permissions of the roles, and the state bucket. AWS is mocked. Run with: terraform test
mock_provider "aws" {
  override_during = plan

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  override_resource { # a mocked provider imports nothing
    target = aws_s3_bucket.state
    values = { arn = "arn:aws:s3:::visits-terraform-state-123456789012" }
  }

  mock_resource "aws_iam_openid_connect_provider" {
    defaults = { arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
  }

  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::123456789012:policy/visits-boundary" }
  }
}

variables {
  region = "eu-west-1"
  github = { owner = "octo", repository = "resume", owner_id = 583231, repository_id = 1296269 }
}

run "trust" {
  command = plan

  assert {
    condition = { for name, role in aws_iam_role.github : name => jsondecode(role.assume_role_policy).Statement[0].Condition } == {
      plan = { StringNotEquals = { "token.actions.githubusercontent.com:actor" = "dependabot[bot]" }, StringEquals = {
        "token.actions.githubusercontent.com:aud"           = "sts.amazonaws.com"
        "token.actions.githubusercontent.com:sub"           = ["repo:octo/resume:pull_request", "repo:octo/resume:ref:refs/heads/main", "repo:octo@583231/resume@1296269:pull_request", "repo:octo@583231/resume@1296269:ref:refs/heads/main"]
        "token.actions.githubusercontent.com:repository_id" = "1296269"
      } }
      deploy = { StringLike = { "token.actions.githubusercontent.com:ref" = "refs/heads/main" }, StringEquals = {
        "token.actions.githubusercontent.com:aud"           = "sts.amazonaws.com"
        "token.actions.githubusercontent.com:sub"           = ["repo:octo/resume:environment:staging", "repo:octo/resume:environment:production", "repo:octo@583231/resume@1296269:environment:staging", "repo:octo@583231/resume@1296269:environment:production"]
        "token.actions.githubusercontent.com:repository_id" = "1296269"
      } }
    }
    error_message = "Only pull requests and main, but not Dependabot, must be able to plan, and only jobs of main in an environment must be able to deploy, with GitHub's old and new format of the subject."
  }

  assert {
    condition     = alltrue([for role in aws_iam_role.github : jsondecode(role.assume_role_policy).Statement[0].Principal.Federated == aws_iam_openid_connect_provider.github[0].arn])
    error_message = "The roles must trust GitHub's OIDC provider only."
  }

  assert {
    condition     = alltrue([for role in aws_iam_role.github : !startswith(role.name, "visits")])
    error_message = "The roles' names must not begin with name, because a deployment could then change them."
  }
}

run "permissions" {
  command = plan

  assert {
    condition     = alltrue([for action in flatten([for statement in jsondecode(aws_iam_role_policy.plan[0].policy).Statement : statement.Action]) : can(regex("^([a-z0-9]+:(Get|List|Describe|View)[A-Za-z]+|apigateway:GET|dynamodb:Query)$", action))])
    error_message = "The role for pull requests and for monitoring must be read-only."
  }

  assert {
    condition     = !can(regex("dynamodb:(Query|Scan|GetItem|PutItem|UpdateItem|DeleteItem|BatchGetItem|BatchWriteItem|\\*)", aws_iam_role_policy.deploy[0].policy))
    error_message = "The role for deployments must not read or write the items of a table."
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.plan[0].policy).Statement : statement.Condition if contains(statement.Action, "dynamodb:Query")] == [{ "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["counter#*"] } }]
    error_message = "The role for pull requests and for monitoring may read no items but the numbers that the API shows."
  }

  assert {
    condition = concat([for statement in concat(jsondecode(aws_iam_role_policy.deploy[0].policy).Statement, jsondecode(aws_iam_role_policy.plan[0].policy).Statement, jsondecode(aws_iam_policy.boundary[0].policy).Statement) :
      statement.Resource if length(setintersection(statement.Action, ["dynamodb:DeleteTable", "dynamodb:DeleteItem"])) > 0
    ]...) == concat([for _ in ["deploy", "boundary"] : [for table in ["visits-secrets", "visits-*-secrets"] : "arn:aws:dynamodb:eu-west-1:123456789012:table/${table}"]]...)
    error_message = "Nothing may be deleted but secrets: neither another table, nor an item of one."
  }

  assert {
    condition     = alltrue([for action in flatten([for statement in jsondecode(aws_iam_role_policy.deploy[0].policy).Statement : statement.Action]) : !strcontains(action, "*")])
    error_message = "Permissions must not contain wildcards."
  }

  assert {
    condition = alltrue([for statement in jsondecode(aws_iam_role_policy.deploy[0].policy).Statement :
      try(statement.Condition.StringEquals["iam:PermissionsBoundary"], "") == "arn:aws:iam::123456789012:policy/visits-boundary"
      if anytrue([for action in statement.Action : contains(["iam:CreateRole", "iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary"], action)])
    ]) && !strcontains(aws_iam_role_policy.deploy[0].policy, "iam:AttachRolePolicy") && !strcontains(aws_iam_role_policy.deploy[0].policy, "iam:DeleteRolePermissionsBoundary")
    error_message = "Roles must only be created and changed with the boundary."
  }

  assert {
    condition = alltrue([for statement in jsondecode(aws_iam_role_policy.deploy[0].policy).Statement :
      alltrue([for resource in statement.Resource : can(regex("^arn:aws:iam::123456789012:role/(visits-function|visits-\\*-function|aws-service-role/ops\\.apigateway\\.amazonaws\\.com/\\*)$", resource))])
      if anytrue([for action in statement.Action : startswith(action, "iam:")])
    ])
    error_message = "IAM permissions must be limited to the function's role and to API Gateway's service-linked role."
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.deploy[0].policy).Statement : statement.Action if contains(statement.Resource, "*")] == [["cloudwatch:DescribeAlarms", "logs:DescribeLogGroups", "route53:GetChange", "sns:GetSubscriptionAttributes", "sns:Unsubscribe"]]
    error_message = "Only calls that do not support a narrower resource may use *."
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.deploy[0].policy, "route53:ChangeResourceRecordSets")
    error_message = "Without hosted_zone_ids, the role must not be able to write DNS records."
  }

  assert {
    condition     = length(aws_iam_role_policy.deploy[0].policy) < 10240 && length(aws_iam_policy.boundary[0].policy) < 6144
    error_message = "IAM limits the inline policies of a role to 10,240 characters, and a managed policy to 6,144."
  }

  # The boundary must include the function's permissions in ../iam.tf.
  assert {
    condition     = toset(flatten([for statement in jsondecode(aws_iam_policy.boundary[0].policy).Statement : statement.Action])) == setsubtract(flatten(regexall("\"((?:dynamodb|logs|xray):[A-Z][A-Za-z]+)\"", file("../iam.tf"))), ["dynamodb:EnclosingOperation"])
    error_message = "The boundary must allow exactly the actions of ../iam.tf."
  }
}

run "without_github_and_with_existing_logging" {
  command = plan
  variables {
    github              = null
    api_gateway_logging = false
  }

  assert {
    condition     = length(aws_iam_role.github) == 0 && length(aws_iam_openid_connect_provider.github) == 0 && length(aws_iam_policy.boundary) == 0 && length(output.github_variables) == 0
    error_message = "Without a repository, no roles must be created."
  }

  assert {
    condition     = length(aws_api_gateway_account.region) == 0 && length(aws_iam_role.api_gateway_logs) == 0
    error_message = "The region's existing role for logs must not be replaced."
  }
}

run "with_a_provider_and_a_zone" {
  command = plan
  variables {
    github_oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
    hosted_zone_ids          = ["Z0123456789ABCDEFGHIJ"]
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0 && jsondecode(aws_iam_role.github["plan"].assume_role_policy).Statement[0].Principal.Federated == var.github_oidc_provider_arn
    error_message = "The account's existing OIDC provider must be used."
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.deploy[0].policy).Statement : statement.Resource if contains(statement.Action, "route53:ChangeResourceRecordSets")] == [["arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"]]
    error_message = "DNS records must only be allowed in the listed zones."
  }
}

run "wrong_format" {
  command = plan
  variables {
    region                   = "Ireland"
    name                     = "Visits"
    github                   = { owner = "octo", repository = "octo/resume", owner_id = 1, repository_id = 2 }
    github_oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/example.com"
    hosted_zone_ids          = ["example.com"]
  }
  expect_failures = [var.region, var.name, var.github, var.github_oidc_provider_arn, var.hosted_zone_ids]
}
