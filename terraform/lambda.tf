locals {
  lambda_zip = coalesce(var.lambda_zip, "${path.module}/../build/visits.zip")

  # Seconds. The code gives up by itself after 7.5; the contract's gateway waits longer than this.
  function_timeout = 10

  counters = { for name, start in merge(var.counters, { smoke = {} }) :
    name => merge({ visits = 0, visitors = 0 }, start)
  }
}

resource "aws_lambda_function" "visits" {
  # checkov:skip=CKV_AWS_116: API Gateway waits for the answer; a dead letter queue is for asynchronous calls
  # checkov:skip=CKV_AWS_117: it only talks to DynamoDB; a network of its own would cost more than all of this
  # checkov:skip=CKV_AWS_173: no secret is in the environment
  # checkov:skip=CKV_AWS_272: the zip comes from this repository's own build, with hash-pinned wheels
  function_name    = var.name
  description      = "Answers the operations of openapi.yaml."
  role             = aws_iam_role.function.arn
  runtime          = "python3.13"
  architectures    = ["arm64"]
  handler          = "visits.handler.handle"
  filename         = local.lambda_zip
  source_code_hash = fileexists(local.lambda_zip) ? filebase64sha256(local.lambda_zip) : null
  publish          = true
  timeout          = local.function_timeout
  memory_size      = var.memory

  reserved_concurrent_executions = var.reserved_concurrency

  environment {
    variables = {
      TABLE_NAME      = aws_dynamodb_table.visits.name
      COUNTERS        = jsonencode(local.counters)
      ALLOWED_ORIGINS = join(",", var.allowed_origins)
      SHARDS          = tostring(var.shards)
    }
  }

  tracing_config { mode = var.xray ? "Active" : "PassThrough" }

  dynamic "snap_start" {
    for_each = var.snapstart ? [true] : []
    content { apply_on = "PublishedVersions" }
  }

  lifecycle {
    precondition {
      condition     = fileexists(local.lambda_zip)
      error_message = "There is no ${local.lambda_zip}: run `make build` first."
    }
  }

  depends_on = [aws_cloudwatch_log_group.function, aws_iam_role_policy.function]
}

# What the API calls. It moves to a new version only when that is ready.
resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "The version that answers the API."
  function_name    = aws_lambda_function.visits.function_name
  function_version = aws_lambda_function.visits.version
}

resource "aws_lambda_permission" "api" {
  statement_id  = "api-gateway"
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  function_name = aws_lambda_function.visits.function_name
  qualifier     = aws_lambda_alias.live.name
  source_arn    = "${aws_api_gateway_rest_api.visits.execution_arn}/${local.stage}/*/*"
}

resource "aws_cloudwatch_log_group" "function" {
  # checkov:skip=CKV_AWS_158: encrypted by CloudWatch; nothing personal is in it
  # checkov:skip=CKV_AWS_338: how long lines are kept is an option, and a year is too long for most
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
}
