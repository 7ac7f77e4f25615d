locals {
  alias      = "current"
  lambda_zip = coalesce(var.lambda_zip, "${path.module}/../build/visits.zip")

  # In seconds. The code stops after 8.5 seconds; API Gateway's time-out in the contract is longer than this.
  function_timeout = 10

  environment = {
    TABLE_NAME         = aws_dynamodb_table.visits.name
    SECRETS_TABLE_NAME = aws_dynamodb_table.secrets.name
    COUNTERS           = jsonencode(merge(var.counters, { smoke = {} }))
    ALLOWED_ORIGINS    = join(",", var.allowed_origins)
    SHARDS             = tostring(var.shards)
    VISIT_CAP          = tostring(var.visit_cap)
  }
}

resource "aws_lambda_function" "visits" {
  # checkov:skip=CKV_AWS_116: a dead letter queue is for asynchronous calls, and API Gateway calls the function synchronously
  # checkov:skip=CKV_AWS_117: the function only calls DynamoDB; a VPC would cost more than the rest of the deployment
  # checkov:skip=CKV_AWS_173: the environment contains no secret
  # checkov:skip=CKV_AWS_272: the zip is built by this repository from wheels that are pinned by hash
  function_name    = var.name
  description      = "Implements the operations of openapi.yaml."
  role             = aws_iam_role.function.arn
  runtime          = "python3.13"
  architectures    = ["arm64"]
  handler          = "visits.handler.handle"
  filename         = local.lambda_zip
  source_code_hash = fileexists(local.lambda_zip) ? filebase64sha256(local.lambda_zip) : null
  publish          = true
  timeout          = local.function_timeout
  memory_size      = var.memory

  reserved_concurrent_executions = var.staging ? -1 : var.reserved_concurrency

  environment { variables = local.environment }

  tracing_config { mode = var.xray ? "Active" : "PassThrough" }

  lifecycle {
    precondition {
      condition     = fileexists(local.lambda_zip)
      error_message = "${local.lambda_zip} does not exist: run `make build` first."
    }

    precondition {
      condition     = length(jsonencode(local.environment)) <= 4096
      error_message = "Lambda's environment is limited to 4 KB, and these settings need more. Shorten counters or allowed_origins, or put some of the counters into a second deployment with another name."
    }
  }

  depends_on = [aws_cloudwatch_log_group.function, aws_iam_role_policy.function]
}

# API Gateway calls this alias. It moves to a new version only after that version is ready.
resource "aws_lambda_alias" "current" {
  name             = local.alias
  description      = "The version that the API calls."
  function_name    = aws_lambda_function.visits.function_name
  function_version = aws_lambda_function.visits.version

  # AWS deletes the aliases and permissions of a function together with it.
  lifecycle { replace_triggered_by = [aws_lambda_function.visits.id] }
}

resource "aws_lambda_permission" "api" {
  statement_id  = "api-gateway"
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  function_name = aws_lambda_function.visits.function_name
  qualifier     = aws_lambda_alias.current.name
  source_arn    = "${aws_api_gateway_rest_api.visits.execution_arn}/${local.stage}/*/*"

  lifecycle { replace_triggered_by = [aws_lambda_function.visits.id] }
}

resource "aws_cloudwatch_log_group" "function" {
  # checkov:skip=CKV_AWS_158: CloudWatch encrypts it; it contains no personal data
  # checkov:skip=CKV_AWS_338: log_retention_days sets the retention; a year is too long for most sites
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
}
