# docs/operations.md explains each alarm and what to do.
locals {
  of_api      = { ApiName = aws_api_gateway_rest_api.visits.name, Stage = local.stage }
  of_function = { FunctionName = aws_lambda_function.visits.function_name }
  of_code     = { function = aws_lambda_function.visits.function_name }

  # One error in one minute raises an alarm: a page with few visitors may not have a second one.
  # The latency must be high for fifteen minutes, because each cold start is a slow request.
  any  = { statistic = "Sum", threshold = 0, period = 60, periods = 1 }
  slow = { statistic = "p99", threshold = 3000, period = 300, periods = 3 }
  # Fixed thresholds, at 0.10 dollars a month each: anomaly detection costs three times that, and learns from weeks of
  # traffic that a small site does not have. API Gateway has no metric for 429 alone: 4XXError counts every 4xx, and under
  # heavy throttling API Gateway may leave out some: https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-monitor.html
  flood   = { statistic = "Sum", threshold = var.flood_alarm, period = 3600, periods = 1 }
  refused = { statistic = "Sum", threshold = 1000, period = 300, periods = 1 }

  alarms = {
    api-4xx             = merge(local.refused, { namespace = "AWS/ApiGateway", metric = "4XXError", dimensions = local.of_api })
    api-5xx             = merge(local.any, { namespace = "AWS/ApiGateway", metric = "5XXError", dimensions = local.of_api })
    api-flood           = merge(local.flood, { namespace = "AWS/ApiGateway", metric = "Count", dimensions = local.of_api })
    api-latency         = merge(local.slow, { namespace = "AWS/ApiGateway", metric = "Latency", dimensions = local.of_api })
    function-errors     = merge(local.any, { namespace = "AWS/Lambda", metric = "Errors", dimensions = local.of_function })
    function-throttles  = merge(local.any, { namespace = "AWS/Lambda", metric = "Throttles", dimensions = local.of_function })
    contract-violations = merge(local.any, { namespace = "Visits", metric = "ContractViolations", dimensions = local.of_code })
  }

  widgets = {
    "Visits" = [
      ["Visits", "VisitsCounted", "function", var.name],
      [{ expression = "SEARCH('{Visits,function,outcome} MetricName=\"VisitsNotCounted\" function=\"${var.name}\"', 'Sum', 300)" }],
    ]
    # The metrics and periods of the alarms api-flood and api-4xx, whose thresholds are in the labels.
    "Flood" = [for name in ["api-flood", "api-4xx"] : [
      local.alarms[name].namespace, local.alarms[name].metric, "ApiName", var.name, "Stage", local.stage,
      { period = local.alarms[name].period, label = "${local.alarms[name].metric}, alarm above ${local.alarms[name].threshold}" },
    ]]
    "Requests"     = [for metric in ["Count", "4XXError", "5XXError"] : ["AWS/ApiGateway", metric, "ApiName", var.name, "Stage", local.stage]]
    "Milliseconds" = [for stat in ["p50", "p99"] : ["AWS/ApiGateway", "Latency", "ApiName", var.name, "Stage", local.stage, { stat = stat }]]
    "Function"     = [for metric in ["Invocations", "Errors", "Throttles"] : ["AWS/Lambda", metric, "FunctionName", var.name]]
  }
}

resource "aws_cloudwatch_metric_alarm" "each" {
  for_each            = var.staging ? {} : local.alarms
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "See ${each.key} in docs/operations.md."
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic == "Sum" ? "Sum" : null
  extended_statistic  = each.value.statistic == "Sum" ? null : each.value.statistic
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = each.value.period
  evaluation_periods  = each.value.periods
  treat_missing_data  = "notBreaching"
  alarm_actions       = aws_sns_topic.alarms[*].arn
  ok_actions          = aws_sns_topic.alarms[*].arn
}

resource "aws_sns_topic" "alarms" {
  # checkov:skip=CKV_AWS_26: CloudWatch alarms cannot use the AWS managed key of SNS, and a customer managed key costs more than the rest of the deployment
  count = var.alarm_email == null || var.staging ? 0 : 1
  name  = "${var.name}-alarms"
}

resource "aws_sns_topic_subscription" "email" {
  count     = length(aws_sns_topic.alarms)
  topic_arn = aws_sns_topic.alarms[0].arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

resource "aws_cloudwatch_dashboard" "visits" {
  count          = var.staging ? 0 : 1
  dashboard_name = var.name
  dashboard_body = jsonencode({ widgets = [for title, metrics in local.widgets : {
    type       = "metric", width = 12, height = 6
    properties = { title = title, metrics = metrics, region = var.region, stat = "Sum", period = 300 }
  }] })
}

# The budget covers the whole account: AWS filters costs by tags only after they were activated manually.
resource "aws_budgets_budget" "month" {
  count        = var.monthly_budget == null || var.staging ? 0 : 1
  name         = "${var.name}-month"
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = tostring(var.monthly_budget)
  limit_unit   = "USD"

  dynamic "notification" {
    for_each = ["ACTUAL", "FORECASTED"]
    content {
      notification_type          = notification.value
      comparison_operator        = "GREATER_THAN"
      threshold                  = 100
      threshold_type             = "PERCENTAGE"
      subscriber_email_addresses = [var.alarm_email]
    }
  }
}
