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
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.each : length(alarm.alarm_actions) == 0 && (alarm.statistic == null) != (alarm.extended_statistic == null)])
    error_message = "Without an e-mail address alarms must have no action, and each alarm must have exactly one statistic."
  }
}

run "function_settings" {
  command = plan
  variables {
    throttle    = { rate = 2.5, burst = 5 }
    rate_limits = { recordVisit = { rate = 0.5, burst = 2 } }
    flood_alarm = 5000
    table_name  = "visits-restored"
    domain      = { name = "visits.example.com", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d" }
  }

  assert {
    condition = output.rate_limits == {
      "*/*"                                  = { rate = 2.5, burst = 5 }
      "~1counters~1{counterId}~1visits/POST" = { rate = 0.5, burst = 2 }
    }
    error_message = "The stage must use throttle, and the method that counts visits must use rate_limits."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.each["api-flood"].threshold == 5000
    error_message = "The alarm api-flood must use flood_alarm."
  }

  assert {
    condition     = aws_dynamodb_table.visits.name == "visits-restored" && aws_lambda_function.visits.environment[0].variables["TABLE_NAME"] == "visits-restored"
    error_message = "The function must use the table with the name table_name."
  }

  assert {
    condition     = length(aws_api_gateway_domain_name.api) == 1 && length(aws_route53_record.api) == 0
    error_message = "Without a zone no DNS record must be created."
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

run "with_all_options" {
  command = plan
  variables {
    alarm_email    = "me@example.com"
    monthly_budget = 5
    waf_rate_limit = 300
    xray           = true
    domain         = { name = "visits.example.com", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d", zone_id = "Z0123456789ABCDEFGHIJ" }
  }

  assert {
    condition     = aws_sns_topic_subscription.email[0].endpoint == "me@example.com" && alltrue([for alarm in aws_cloudwatch_metric_alarm.each : alarm.alarm_actions == toset([aws_sns_topic.alarms[0].arn]) && alarm.ok_actions == alarm.alarm_actions])
    error_message = "Every alarm must send an e-mail to alarm_email when it starts and when it ends."
  }

  assert {
    condition     = aws_api_gateway_base_path_mapping.api[0].stage_name == "live" && aws_route53_record.api[0].alias[0].name == output.domain_target
    error_message = "The domain must map to the stage, and the DNS record must point to the domain's regional name."
  }

  assert {
    condition     = output.api_url == "https://visits.example.com" && output.health_url == "https://visits.example.com/health"
    error_message = "The outputs must contain the domain."
  }
}
