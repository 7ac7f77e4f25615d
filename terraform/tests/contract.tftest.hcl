# What this configuration computes from its settings and from the contract. AWS is mocked. Run with: terraform test
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

run "api_and_function" {
  command = plan

  assert {
    condition = alltrue(flatten([for path, item in jsondecode(aws_api_gateway_rest_api.visits.body).paths : [
      for method, operation in item :
      operation["x-amazon-apigateway-integration"].uri == "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:visits:current/invocations"
      if operation["x-amazon-apigateway-integration"].type == "aws_proxy"
    ]]))
    error_message = "Every operation of the function must call its alias."
  }

  assert {
    condition = alltrue([
      aws_lambda_permission.api.function_name == aws_lambda_function.visits.function_name,
      aws_lambda_permission.api.qualifier == aws_lambda_alias.current.name,
      aws_lambda_permission.api.source_arn == "${aws_api_gateway_rest_api.visits.execution_arn}/${aws_api_gateway_stage.live.stage_name}/*/*",
    ])
    error_message = "Only the stage of this API may call the function, and only through the alias."
  }

  assert {
    condition     = aws_lambda_function.visits.runtime == "python3.13" && aws_lambda_function.visits.architectures == tolist(["arm64"])
    error_message = "The zip is built for this runtime and architecture, which no emulator checks."
  }

  assert {
    condition = { for name in ["COUNTERS", "ALLOWED_ORIGINS"] : name => aws_lambda_function.visits.environment[0].variables[name] } == {
      COUNTERS        = "{\"blog\":{\"allowed_origins\":[\"https://blog.example\"]},\"resume\":{\"visitors\":901,\"visits\":1234},\"smoke\":{}}"
      ALLOWED_ORIGINS = "https://example.com,https://www.example.com"
    }
    error_message = "The environment must contain the settings as lambda/visits/settings.py reads them, including the counter smoke."
  }

  assert {
    condition     = aws_dynamodb_table.visits.deletion_protection_enabled && aws_dynamodb_table.visits.point_in_time_recovery[0].enabled && !aws_dynamodb_table.secrets.point_in_time_recovery[0].enabled
    error_message = "The counts must be protected and have backups; the secrets must have none."
  }

  assert {
    condition     = !can(regex("(?i)identity|sourceIp|userAgent|authorizer|requestOverride|\\$context\\.path", aws_api_gateway_stage.live.access_log_settings[0].format))
    error_message = "The access log must contain no IP address, no user agent and nothing else that a visitor sent."
  }

  assert {
    condition = alltrue([for name in ["blog", "resume"] :
      strcontains(output.html, "<visitor-counter api=\"https://api1234567.execute-api.eu-west-1.amazonaws.com/live\" counter=\"${name}\"")
      && strcontains(output.markdown, "![Number of visits](https://api1234567.execute-api.eu-west-1.amazonaws.com/live/counters/${name}/badge.svg)")
    ])
    error_message = "The lines to paste must contain the URL of the API and each declared counter."
  }
}

run "settings_that_do_not_fit_into_the_environment" {
  command = plan
  variables {
    allowed_origins = [for i in range(50) : "https://page-${i}.example.com"]
    counters        = { for i in range(80) : "a-counter-with-a-long-name-${i}" => {} }
  }
  expect_failures = [aws_lambda_function.visits]
}
