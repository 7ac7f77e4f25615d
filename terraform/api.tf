# The API is imported from the document that is generated from openapi.yaml. The contract alone defines
# routes, methods, CORS and the errors of API Gateway.
resource "aws_api_gateway_rest_api" "visits" {
  body              = replace(local.generated, "$${lambda_invoke_arn}", local.lambda_invoke_arn)
  fail_on_warnings  = true
  put_rest_api_mode = "overwrite"

  # Without these two, the provider keeps their previous values and ignores the body:
  # https://github.com/hashicorp/terraform-provider-aws/pull/48118
  # The name differs from the contract's title, because metrics identify an API only by its name.
  name        = var.name
  description = trimspace(local.imported.info.description)

  endpoint_configuration { types = ["REGIONAL"] }

  lifecycle {
    create_before_destroy = true

    precondition {
      condition = alltrue([for integration in local.integrations :
        try(integration.timeoutInMillis, 29000) > local.function_timeout * 1000 if integration.type == "aws_proxy"
      ])
      error_message = "Every aws_proxy integration in openapi.yaml needs a timeoutInMillis above ${local.function_timeout * 1000}, the function's time-out in milliseconds. With a lower value, API Gateway returns 504 while the function still runs."
    }
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  # `make generate` makes this document from openapi.yaml; see contract/generation.py.
  generated = file("${path.module}/generated/openapi.json")
  imported  = jsondecode(local.generated)
  stage     = "live"

  # Not aws_lambda_alias.current.invoke_arn: the API must not depend on the function. Terraform passes
  # create_before_destroy on to dependencies, and a function cannot exist twice under one name.
  partition         = data.aws_partition.current.partition
  lambda_arn        = "arn:${local.partition}:lambda:${var.region}:${data.aws_caller_identity.current.account_id}:function:${var.name}:${local.alias}"
  lambda_invoke_arn = "arn:${local.partition}:apigateway:${var.region}:lambda:path/2015-03-31/functions/${local.lambda_arn}/invocations"

  integrations = flatten([for path in values(local.imported.paths) :
    [for operation in values(path) : operation["x-amazon-apigateway-integration"]]
  ])
}

# A stage serves a deployment, which is a snapshot of the API: a new body needs a new deployment.
resource "aws_api_gateway_deployment" "visits" {
  rest_api_id = aws_api_gateway_rest_api.visits.id
  description = "Contract ${local.imported.info.version}"
  triggers    = { body = sha256(aws_api_gateway_rest_api.visits.body) }

  lifecycle { create_before_destroy = true }
}

resource "aws_api_gateway_stage" "live" {
  # checkov:skip=CKV_AWS_73: X-Ray is optional; its traces contain IP addresses and user agents
  # checkov:skip=CKV_AWS_120: a cache would return outdated numbers, and is charged by the hour
  # checkov:skip=CKV2_AWS_4: execution logs may contain what a visitor sent; the access log and the function's log are sufficient
  # checkov:skip=CKV2_AWS_51: a public API does not ask browsers for a certificate
  # checkov:skip=CKV2_AWS_77: the function is written in Python and does not use Log4j
  rest_api_id          = aws_api_gateway_rest_api.visits.id
  deployment_id        = aws_api_gateway_deployment.visits.id
  stage_name           = local.stage
  xray_tracing_enabled = var.xray

  # No IP address, no user agent, and only the template of the path.
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format = jsonencode({ for key in [
      "requestTime", "requestId", "extendedRequestId", "httpMethod", "resourcePath", "status", "responseLatency",
      "integration.status", "integration.latency", "error.responseType",
    ] : key => "$context.${key}" })
  }

  depends_on = [aws_lambda_permission.api]
}

resource "aws_api_gateway_method_settings" "all" {
  # checkov:skip=CKV_AWS_225: a cache would return outdated numbers
  rest_api_id = aws_api_gateway_rest_api.visits.id
  stage_name  = aws_api_gateway_stage.live.stage_name
  method_path = "*/*"

  settings {
    throttling_rate_limit  = var.throttle.rate
    throttling_burst_limit = var.throttle.burst
    metrics_enabled        = false # metrics of each method cost extra; those of the API are always available
  }
}

resource "aws_api_gateway_method_settings" "limited" {
  # checkov:skip=CKV_AWS_225: a cache would return outdated numbers
  for_each = local.limited

  rest_api_id = aws_api_gateway_rest_api.visits.id
  stage_name  = aws_api_gateway_stage.live.stage_name
  method_path = each.value.method_path

  settings {
    throttling_rate_limit  = lookup(var.rate_limits, each.key, each.value.limit).rate
    throttling_burst_limit = lookup(var.rate_limits, each.key, each.value.limit).burst
    metrics_enabled        = false
  }

  depends_on = [aws_api_gateway_method_settings.all] # AWS refuses two changes of a stage at once
}

resource "aws_cloudwatch_log_group" "access" {
  # checkov:skip=CKV_AWS_158: CloudWatch encrypts it; it contains no personal data
  # checkov:skip=CKV_AWS_338: log_retention_days sets the retention; a year is too long for most sites
  name              = "/aws/apigateway/${var.name}"
  retention_in_days = var.log_retention_days
}
