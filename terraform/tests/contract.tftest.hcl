# Requirements of every plan. AWS is mocked. Run with: terraform test
mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  region          = "eu-west-1"
  allowed_origins = ["https://example.com", "https://www.example.com"]
  counters        = { resume = { visits = 1234, visitors = 901 }, blog = { allowed_origins = ["https://blog.example"] } }
  lambda_zip      = "../openapi.yaml" # any file
}

run "contract" {
  command = plan

  assert {
    condition     = !can(regex("\\$[{]", aws_api_gateway_rest_api.visits.body))
    error_message = "The body must not contain a placeholder."
  }

  assert {
    condition = alltrue(flatten([for path, item in jsondecode(aws_api_gateway_rest_api.visits.body).paths : [
      for method, operation in item : can(operation["x-amazon-apigateway-integration"].type)
    ]]))
    error_message = "Every operation needs an x-amazon-apigateway-integration."
  }

  assert {
    condition = alltrue(flatten([for path, item in jsondecode(aws_api_gateway_rest_api.visits.body).paths : [
      for method, operation in item :
      operation["x-amazon-apigateway-integration"].uri == "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:visits:current/invocations" && operation["x-amazon-apigateway-integration"].httpMethod == "POST"
      if operation["x-amazon-apigateway-integration"].type == "aws_proxy"
    ]]))
    error_message = "Every operation of the function must call its alias, with POST."
  }

  assert {
    condition     = aws_api_gateway_rest_api.visits.fail_on_warnings && aws_api_gateway_rest_api.visits.put_rest_api_mode == "overwrite"
    error_message = "An import with warnings must fail, and an import must remove what is no longer in the contract."
  }

  assert {
    condition     = aws_api_gateway_rest_api.visits.description == trimspace(yamldecode(file("../openapi.yaml")).info.description)
    error_message = "The description of the API must be that of the contract."
  }

  assert {
    condition     = aws_api_gateway_deployment.visits.triggers["body"] == sha256(aws_api_gateway_rest_api.visits.body)
    error_message = "A changed body must cause a new deployment."
  }

  assert {
    condition     = aws_api_gateway_stage.live.deployment_id == aws_api_gateway_deployment.visits.id && aws_api_gateway_stage.live.stage_name == "live"
    error_message = "The stage live must serve the deployment."
  }
}

run "function" {
  command = plan

  assert {
    condition = alltrue([
      aws_lambda_permission.api.principal == "apigateway.amazonaws.com",
      aws_lambda_permission.api.action == "lambda:InvokeFunction",
      aws_lambda_permission.api.function_name == aws_lambda_function.visits.function_name,
      aws_lambda_permission.api.qualifier == aws_lambda_alias.current.name,
      aws_lambda_permission.api.source_arn == "${aws_api_gateway_rest_api.visits.execution_arn}/${aws_api_gateway_stage.live.stage_name}/*/*",
    ])
    error_message = "Only the stage of this API may call the function, and only through the alias."
  }

  assert {
    condition     = aws_lambda_function.visits.publish && aws_lambda_alias.current.function_version == aws_lambda_function.visits.version
    error_message = "The alias must point to the published version."
  }

  assert {
    condition = alltrue([
      aws_lambda_function.visits.handler == "visits.handler.handle",
      aws_lambda_function.visits.runtime == "python3.13",
      aws_lambda_function.visits.architectures == tolist(["arm64"]),
      aws_lambda_function.visits.source_code_hash == filebase64sha256("../openapi.yaml"),
    ])
    error_message = "Handler, runtime, architecture and hash must match the zip."
  }

  assert {
    condition = aws_lambda_function.visits.environment[0].variables == tomap({
      TABLE_NAME         = aws_dynamodb_table.visits.name
      SECRETS_TABLE_NAME = aws_dynamodb_table.secrets.name
      COUNTERS           = "{\"blog\":{\"allowed_origins\":[\"https://blog.example\"]},\"resume\":{\"visitors\":901,\"visits\":1234},\"smoke\":{}}"
      ALLOWED_ORIGINS    = "https://example.com,https://www.example.com"
      SHARDS             = "4"
      VISIT_CAP          = "100"
    })
    error_message = "The environment must contain the settings that lambda/visits/settings.py reads, including the counter smoke."
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.function.policy).Statement : [statement.Effect, sort(statement.Action), statement.Resource, try(statement.Condition, null)]] == [
      ["Allow", tolist(["dynamodb:Query"]), aws_dynamodb_table.visits.arn, null],
      ["Allow", tolist(["dynamodb:UpdateItem"]), aws_dynamodb_table.visits.arn, {
        "ForAnyValue:StringEquals" = { "dynamodb:EnclosingOperation" = ["TransactWriteItems"] }
      }],
      ["Allow", tolist(["dynamodb:DeleteItem", "dynamodb:UpdateItem"]), aws_dynamodb_table.secrets.arn, null],
      ["Allow", tolist(["logs:CreateLogStream", "logs:PutLogEvents"]), "${aws_cloudwatch_log_group.function.arn}:*", null],
    ]
    error_message = "The function must only be allowed to query counters, to count in transactions, to get or create and delete a secret, and to write its log."
  }

  assert {
    condition = alltrue([
      aws_dynamodb_table.visits.hash_key == "pk",
      aws_dynamodb_table.visits.range_key == "sk",
      aws_dynamodb_table.visits.billing_mode == "PAY_PER_REQUEST",
      aws_dynamodb_table.visits.ttl[0].attribute_name == "expires" && aws_dynamodb_table.visits.ttl[0].enabled,
      aws_dynamodb_table.visits.point_in_time_recovery[0].enabled,
      aws_dynamodb_table.visits.deletion_protection_enabled,
    ])
    error_message = "The table must have the keys and the TTL attribute of the code, point-in-time recovery and deletion protection."
  }

  assert {
    condition = alltrue([
      aws_dynamodb_table.secrets.name == "visits-secrets",
      aws_dynamodb_table.secrets.hash_key == "day",
      aws_dynamodb_table.secrets.range_key == null,
      aws_dynamodb_table.secrets.billing_mode == "PAY_PER_REQUEST",
      aws_dynamodb_table.secrets.ttl[0].attribute_name == "expires" && aws_dynamodb_table.secrets.ttl[0].enabled,
      !aws_dynamodb_table.secrets.point_in_time_recovery[0].enabled,
    ])
    error_message = "The table of the secrets must have the key and the TTL attribute of the code, and no backup."
  }

  assert {
    condition     = !can(regex("(?i)identity|sourceIp|userAgent|authorizer|requestOverride|\\$context\\.path", aws_api_gateway_stage.live.access_log_settings[0].format))
    error_message = "The access log must contain no IP address, no user agent and nothing else that a visitor sent."
  }

  assert {
    condition     = jsondecode(aws_api_gateway_stage.live.access_log_settings[0].format)["status"] == "$context.status"
    error_message = "The access log must be JSON with the status."
  }

  assert {
    condition = alltrue([for name in ["blog", "resume"] :
      strcontains(output.html, "<visitor-counter api=\"https://api1234567.execute-api.eu-west-1.amazonaws.com/live\" counter=\"${name}\"")
      && strcontains(output.markdown, "![Number of visits](https://api1234567.execute-api.eu-west-1.amazonaws.com/live/counters/${name}/badge.svg)")
    ])
    error_message = "The lines to paste must contain the URL of the API and a declared counter."
  }
}
