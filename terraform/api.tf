# The contract becomes the API here. Routes, methods, CORS and the gateway's own errors all
# stand in openapi.yaml, and nowhere else.
resource "aws_api_gateway_rest_api" "visits" {
  body = jsonencode(yamldecode(templatefile("${path.module}/../openapi.yaml", {
    lambda_invoke_arn = aws_lambda_alias.live.invoke_arn
  })))
  fail_on_warnings  = true
  put_rest_api_mode = "overwrite"

  # Both are set here because the provider keeps what it read before where they are missing,
  # whatever the body says: https://github.com/hashicorp/terraform-provider-aws/pull/48118
  # The name is not the contract's title: metrics know an API by its name alone.
  name        = var.name
  description = trimspace(local.contract.info.description)

  endpoint_configuration { types = ["REGIONAL"] }

  lifecycle {
    create_before_destroy = true

    precondition {
      condition = alltrue([for integration in local.integrations :
        integration.timeoutInMillis > local.function_timeout * 1000 if integration.type == "aws_proxy"
      ])
      error_message = "Every aws_proxy integration in openapi.yaml needs a timeoutInMillis above ${local.function_timeout * 1000}, the function's own time-out: otherwise the gateway answers 504 while the function still works."
    }
  }
}

locals {
  # Read once more, unfilled, since some of it is needed before the function exists.
  contract = yamldecode(file("${path.module}/../openapi.yaml"))
  stage    = "live"

  integrations = flatten([for path in values(local.contract.paths) :
    [for operation in values(path) : try([operation["x-amazon-apigateway-integration"]], [])]
  ])
}

# What the stage serves is a snapshot of the API; without a new one, a new body is not live.
resource "aws_api_gateway_deployment" "visits" {
  rest_api_id = aws_api_gateway_rest_api.visits.id
  description = "Contract ${local.contract.info.version}"
  triggers    = { body = sha256(aws_api_gateway_rest_api.visits.body) }

  lifecycle { create_before_destroy = true }
}

resource "aws_api_gateway_stage" "live" {
  # checkov:skip=CKV_AWS_73: X-Ray is an option; its traces hold address and user agent
  # checkov:skip=CKV_AWS_120: a cache would answer with old numbers, and costs by the hour
  # checkov:skip=CKV2_AWS_4: execution logs may hold what a visitor sent; the access log and the function's own say enough
  # checkov:skip=CKV2_AWS_51: a public API asks browsers for no certificate
  # checkov:skip=CKV2_AWS_77: the function is Python; there is no Log4j
  rest_api_id          = aws_api_gateway_rest_api.visits.id
  deployment_id        = aws_api_gateway_deployment.visits.id
  stage_name           = local.stage
  xray_tracing_enabled = var.xray

  # No address, no user agent, and of the path only the template.
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
  # checkov:skip=CKV_AWS_225: a cache would answer with old numbers
  rest_api_id = aws_api_gateway_rest_api.visits.id
  stage_name  = aws_api_gateway_stage.live.stage_name
  method_path = "*/*"

  settings {
    throttling_rate_limit  = var.throttle.rate
    throttling_burst_limit = var.throttle.burst
    metrics_enabled        = false # for each method apart, which costs; the API's own are always there
  }
}

resource "aws_cloudwatch_log_group" "access" {
  # checkov:skip=CKV_AWS_158: encrypted by CloudWatch; nothing personal is in it
  # checkov:skip=CKV_AWS_338: how long lines are kept is an option, and a year is too long for most
  name              = "/aws/apigateway/${var.name}"
  retention_in_days = var.log_retention_days
}
