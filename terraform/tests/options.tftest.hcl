# Optional parts are disabled unless their variable enables them.
mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  region          = "eu-west-1"
  allowed_origins = ["https://example.com"]
  lambda_zip      = "../openapi.yaml" # any file
}

run "by_default" {
  command = plan

  assert {
    condition = 0 == sum([for list in [
      aws_api_gateway_domain_name.api, aws_api_gateway_base_path_mapping.api, aws_route53_record.api,
      aws_wafv2_web_acl.rate, aws_wafv2_web_acl_association.rate,
      aws_sns_topic.alarms, aws_sns_topic_subscription.email, aws_budgets_budget.month,
    ] : length(list)])
    error_message = "Optional parts must not be created by default."
  }

  assert {
    condition     = aws_lambda_function.visits.tracing_config[0].mode == "PassThrough" && !aws_api_gateway_stage.live.xray_tracing_enabled && !strcontains(aws_iam_role_policy.function.policy, "xray")
    error_message = "X-Ray must be disabled by default."
  }

  assert {
    condition     = aws_lambda_function.visits.reserved_concurrent_executions == -1
    error_message = "No concurrency must be reserved by default."
  }

  assert {
    condition     = aws_iam_role.function.permissions_boundary == null
    error_message = "No permissions boundary must be set by default."
  }

  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.each) == ["api-4xx", "api-5xx", "api-flood", "api-latency", "contract-violations", "function-errors", "function-throttles"]
    error_message = "The seven alarms must always exist."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.each : length(alarm.alarm_actions) == 0 && (alarm.statistic == null) != (alarm.extended_statistic == null)])
    error_message = "Without an e-mail address alarms must have no action, and each alarm must have exactly one statistic."
  }
}

run "flood_alarms" {
  command = plan
  variables { flood_alarm = 5000 }

  assert {
    condition = [for alarm in ["api-flood", "api-4xx"] : { for key in ["metric_name", "dimensions", "statistic", "threshold", "period"] : key => aws_cloudwatch_metric_alarm.each[alarm][key] }] == [
      { metric_name = "Count", dimensions = tomap({ ApiName = "visits", Stage = "live" }), statistic = "Sum", threshold = 5000, period = 3600 },
      { metric_name = "4XXError", dimensions = tomap({ ApiName = "visits", Stage = "live" }), statistic = "Sum", threshold = 1000, period = 300 },
    ]
    error_message = "One alarm must count the requests of an hour against flood_alarm, the other the refused requests of five minutes."
  }
}

run "x_ray" {
  command = plan
  variables { xray = true }

  assert {
    condition     = aws_lambda_function.visits.tracing_config[0].mode == "Active" && aws_api_gateway_stage.live.xray_tracing_enabled && strcontains(aws_iam_role_policy.function.policy, "xray:PutTraceSegments")
    error_message = "X-Ray must be enabled for the function and the stage, and permitted to the role."
  }
}

run "function_settings" {
  command = plan
  variables {
    memory                   = 1769
    reserved_concurrency     = 5
    shards                   = 20
    visit_cap                = 0
    log_retention_days       = 7
    throttle                 = { rate = 2.5, burst = 5 }
    rate_limits              = { recordVisit = { rate = 0.5, burst = 2 } }
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/visits-boundary"
  }

  assert {
    condition     = aws_lambda_function.visits.memory_size == 1769 && aws_lambda_function.visits.reserved_concurrent_executions == 5 && aws_lambda_function.visits.environment[0].variables["SHARDS"] == "20" && aws_lambda_function.visits.environment[0].variables["VISIT_CAP"] == "0"
    error_message = "The function must use memory, reserved_concurrency, shards and visit_cap."
  }

  assert {
    condition     = aws_cloudwatch_log_group.function.retention_in_days == 7 && aws_cloudwatch_log_group.access.retention_in_days == 7
    error_message = "Both log groups must use log_retention_days."
  }

  assert {
    condition     = aws_api_gateway_method_settings.all.settings[0].throttling_rate_limit == 2.5 && aws_api_gateway_method_settings.all.settings[0].throttling_burst_limit == 5
    error_message = "The stage must use throttle."
  }

  assert {
    condition     = aws_api_gateway_method_settings.limited["recordVisit"].method_path == "~1counters~1{counterId}~1visits/POST" && aws_api_gateway_method_settings.limited["recordVisit"].settings[0].throttling_rate_limit == 0.5 && aws_api_gateway_method_settings.limited["recordVisit"].settings[0].throttling_burst_limit == 2
    error_message = "The method that counts visits must use rate_limits."
  }

  assert {
    condition     = aws_iam_role.function.permissions_boundary == "arn:aws:iam::123456789012:policy/visits-boundary"
    error_message = "The role must use permissions_boundary_arn."
  }
}

run "names" {
  command = plan
  variables {
    name       = "visits-staging"
    table_name = "visits-restored"
  }

  assert {
    condition     = aws_dynamodb_table.visits.name == "visits-restored" && aws_lambda_function.visits.environment[0].variables["TABLE_NAME"] == "visits-restored" && aws_dynamodb_table.secrets.name == "visits-staging-secrets"
    error_message = "The function must use the table with the name table_name, and the table of the secrets that belongs to name."
  }

  assert {
    condition     = alltrue([for name in [aws_lambda_function.visits.function_name, aws_api_gateway_rest_api.visits.name, aws_iam_role.function.name, aws_cloudwatch_metric_alarm.each["api-5xx"].alarm_name] : startswith(name, "visits-staging")])
    error_message = "All names must begin with name, so that two deployments do not conflict."
  }
}

run "staging" {
  command = plan
  variables {
    staging              = true
    name                 = "visits-staging"
    table_name           = "visits-restored"
    alarm_email          = "me@example.com"
    monthly_budget       = 5
    waf_rate_limit       = 300
    reserved_concurrency = 5
    domain               = { name = "visits.example.com", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d", zone_id = "Z0A1B2C3" }
  }

  assert {
    condition     = length(concat(aws_sns_topic.alarms, aws_budgets_budget.month, aws_wafv2_web_acl.rate, aws_cloudwatch_dashboard.visits, aws_api_gateway_domain_name.api, aws_route53_record.api)) + length(aws_cloudwatch_metric_alarm.each) == 0
    error_message = "Staging must have nothing that costs money without requests, and not production's domain."
  }

  assert {
    condition     = aws_dynamodb_table.visits.name == "visits-staging" && aws_lambda_function.visits.reserved_concurrent_executions == -1
    error_message = "Staging must not use production's table, or take executions from it."
  }
}

run "alarms_by_email_and_budget" {
  command = plan
  variables {
    alarm_email    = "me@example.com"
    monthly_budget = 5
  }

  assert {
    condition     = aws_sns_topic_subscription.email[0].endpoint == "me@example.com" && alltrue([for alarm in aws_cloudwatch_metric_alarm.each : alarm.alarm_actions == toset([aws_sns_topic.alarms[0].arn]) && alarm.ok_actions == alarm.alarm_actions])
    error_message = "Every alarm must send an e-mail to alarm_email when it starts and when it ends."
  }

  assert {
    condition     = aws_budgets_budget.month[0].limit_amount == "5" && alltrue([for notification in aws_budgets_budget.month[0].notification : notification.subscriber_email_addresses == toset(["me@example.com"])])
    error_message = "The budget must send its notifications to alarm_email."
  }
}

run "waf" {
  command = plan
  variables { waf_rate_limit = 300 }

  assert {
    condition     = aws_wafv2_web_acl_association.rate[0].resource_arn == aws_api_gateway_stage.live.arn && tolist(aws_wafv2_web_acl.rate[0].rule)[0].statement[0].rate_based_statement[0].limit == 300
    error_message = "The web ACL must limit the requests to the stage."
  }
}

run "domain" {
  command = plan
  variables {
    domain = { name = "visits.example.com", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d" }
  }

  assert {
    condition     = aws_api_gateway_base_path_mapping.api[0].stage_name == "live" && length(aws_route53_record.api) == 0
    error_message = "The domain must map to the stage, and without a zone no DNS record must be created."
  }

  assert {
    condition     = output.api_url == "https://visits.example.com" && output.health_url == "https://visits.example.com/health" && output.domain_target == "d-1234567890.execute-api.eu-west-1.amazonaws.com"
    error_message = "The outputs must contain the domain."
  }
}

run "domain_in_route_53" {
  command = plan
  variables {
    domain = { name = "visits.example.com", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d", zone_id = "Z0123456789ABCDEFGHIJ" }
  }

  assert {
    condition     = aws_route53_record.api[0].alias[0].name == "d-1234567890.execute-api.eu-west-1.amazonaws.com"
    error_message = "The DNS record must point to the domain's regional name."
  }
}
