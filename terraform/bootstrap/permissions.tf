# The permissions to plan and deploy ../. They are limited to this project's names where the service
# supports it. API Gateway uses random IDs, so they include all REST APIs of the region. They do not
# include deleting the table of the counters, reading its items other than the numbers, writing them, and changing these roles.
locals {
  aws     = "arn:${data.aws_partition.current.partition}"
  account = data.aws_caller_identity.current.account_id
  names   = [var.name, "${var.name}-*"]

  on = {
    state      = ["${aws_s3_bucket.state.arn}/*"]
    apigateway = [for path in ["restapis", "restapis/*", "domainnames", "domainnames/*", "tags/*"] : "${local.aws}:apigateway:${var.region}::/${path}"]
    lambda     = flatten([for name in local.names : [for rest in ["", ":*"] : "${local.aws}:lambda:${var.region}:${local.account}:function:${name}${rest}"]])
    dynamodb   = [for name in local.names : "${local.aws}:dynamodb:${var.region}:${local.account}:table/${name}"]
    secrets    = [for name in local.names : "${local.aws}:dynamodb:${var.region}:${local.account}:table/${name}-secrets"]
    logs       = flatten([for group in ["lambda", "apigateway"] : [for name in local.names : [for rest in ["", ":*"] : "${local.aws}:logs:${var.region}:${local.account}:log-group:/aws/${group}/${name}${rest}"]]])
    alarms     = ["${local.aws}:cloudwatch:${var.region}:${local.account}:alarm:${var.name}-*"]
    dashboards = [for name in local.names : "${local.aws}:cloudwatch::${local.account}:dashboard/${name}"]
    sns        = ["${local.aws}:sns:${var.region}:${local.account}:${var.name}-*"]
    budgets    = ["${local.aws}:budgets::${local.account}:budget/${var.name}-*"]
    wafv2      = [for name in local.names : "${local.aws}:wafv2:${var.region}:${local.account}:regional/webacl/${name}/*"]
    stages     = ["${local.aws}:apigateway:${var.region}::/restapis/*/stages/*"]
    roles      = [for name in ["${var.name}-function", "${var.name}-*-function"] : "${local.aws}:iam::${local.account}:role/${name}"]
    zones      = [for id in var.hosted_zone_ids : "${local.aws}:route53:::hostedzone/${id}"]
    everything = ["*"] # these calls have no narrower resource
  }

  read = {
    state      = ["s3:GetObject"]
    apigateway = ["apigateway:GET"]
    lambda     = ["lambda:GetAlias", "lambda:GetFunction", "lambda:GetFunctionCodeSigningConfig", "lambda:GetFunctionConfiguration", "lambda:GetPolicy", "lambda:ListTags", "lambda:ListVersionsByFunction"]
    dynamodb   = ["dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive", "dynamodb:ListTagsOfResource"]
    logs       = ["logs:ListTagsForResource"]
    alarms     = ["cloudwatch:ListTagsForResource"]
    dashboards = ["cloudwatch:GetDashboard"]
    sns        = ["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:ListTagsForResource"]
    budgets    = ["budgets:ListTagsForResource", "budgets:ViewBudget"]
    wafv2      = ["wafv2:GetWebACL", "wafv2:GetWebACLForResource", "wafv2:ListTagsForResource"]
    stages     = ["wafv2:GetWebACLForResource"]
    roles      = ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies"]
    zones      = ["route53:GetHostedZone", "route53:ListResourceRecordSets"]
    everything = ["cloudwatch:DescribeAlarms", "logs:DescribeLogGroups", "route53:GetChange", "sns:GetSubscriptionAttributes"]
  }

  write = {
    state      = ["s3:PutObject"]
    apigateway = ["apigateway:DELETE", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT"]
    lambda     = ["lambda:AddPermission", "lambda:CreateAlias", "lambda:CreateFunction", "lambda:DeleteAlias", "lambda:DeleteFunction", "lambda:DeleteFunctionConcurrency", "lambda:PublishVersion", "lambda:PutFunctionConcurrency", "lambda:RemovePermission", "lambda:TagResource", "lambda:UntagResource", "lambda:UpdateAlias", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"]
    dynamodb   = ["dynamodb:CreateTable", "dynamodb:TagResource", "dynamodb:UntagResource", "dynamodb:UpdateContinuousBackups", "dynamodb:UpdateTable", "dynamodb:UpdateTimeToLive"]
    logs       = ["logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:TagResource", "logs:UntagResource"]
    alarms     = ["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource"]
    dashboards = ["cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard"]
    sns        = ["sns:CreateTopic", "sns:DeleteTopic", "sns:SetTopicAttributes", "sns:Subscribe", "sns:TagResource", "sns:UntagResource"]
    budgets    = ["budgets:ModifyBudget", "budgets:TagResource", "budgets:UntagResource"]
    wafv2      = ["wafv2:AssociateWebACL", "wafv2:CreateWebACL", "wafv2:DeleteWebACL", "wafv2:TagResource", "wafv2:UntagResource", "wafv2:UpdateWebACL"]
    stages     = ["apigateway:SetWebACL", "wafv2:AssociateWebACL", "wafv2:DisassociateWebACL"]
    roles      = ["iam:DeleteRole", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription"]
    zones      = ["route53:ChangeResourceRecordSets"]
    everything = ["sns:Unsubscribe"]
  }

  list_state = { Sid = "ListState", Effect = "Allow", Action = ["s3:ListBucket"], Resource = [aws_s3_bucket.state.arn] }

  may_plan = concat([local.list_state], [for what, actions in local.read :
    { Sid = title(what), Effect = "Allow", Action = actions, Resource = local.on[what] } if length(local.on[what]) > 0
    ], [
    # The daily test compares the totals with the days. The API answers with the same numbers.
    {
      Sid       = "CompareTotals", Effect = "Allow", Action = ["dynamodb:Query"], Resource = local.on.dynamodb
      Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["counter#*"] } }
    },
  ])

  may_deploy = concat([local.list_state], [for what, actions in local.read :
    { Sid = title(what), Effect = "Allow", Action = concat(actions, local.write[what]), Resource = local.on[what] } if length(local.on[what]) > 0
    ], [
    { Sid = "UnlockAndExpire", Effect = "Allow", Action = ["s3:DeleteObject"], Resource = [for key in ["*.tflock", "releases/*"] : "${aws_s3_bucket.state.arn}/${key}"] },
    # Going back to a release without this table deletes it.
    { Sid = "DeleteSecrets", Effect = "Allow", Action = ["dynamodb:DeleteTable"], Resource = local.on.secrets },
    # Without the boundary, a role that may create roles could create one with all permissions.
    {
      Sid       = "RolesWithinTheBoundary", Effect = "Allow", Resource = local.on.roles
      Action    = ["iam:CreateRole", "iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"]
      Condition = { StringEquals = { "iam:PermissionsBoundary" = one(aws_iam_policy.boundary[*].arn) } }
    },
    {
      Sid       = "GiveTheRoleToLambda", Effect = "Allow", Action = ["iam:PassRole"], Resource = local.on.roles
      Condition = { StringEquals = { "iam:PassedToService" = "lambda.amazonaws.com" } }
    },
    # API Gateway creates this role for the account's first custom domain.
    {
      Sid       = "CustomDomain", Effect = "Allow", Action = ["iam:CreateServiceLinkedRole"]
      Resource  = ["${local.aws}:iam::${local.account}:role/aws-service-role/ops.apigateway.amazonaws.com/*"]
      Condition = { StringEquals = { "iam:AWSServiceName" = "ops.apigateway.amazonaws.com" } }
    },
  ])
}
