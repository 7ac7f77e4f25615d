# API Gateway takes no access log before its account has a role for logs in the region:
# https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
# All APIs of the region share it. Provider 6 takes it from all of them on destroy: hence
# prevent_destroy, and hence it stands here and not in the root that people may destroy.
resource "aws_iam_role" "api_gateway_logs" {
  count       = var.api_gateway_logging ? 1 : 0
  name        = "${var.name}-api-gateway-logs-${var.region}"
  description = "Lets API Gateway write logs, for all APIs of the account in ${var.region}."
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "apigateway.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy_attachment" "api_gateway_logs" {
  count      = length(aws_iam_role.api_gateway_logs)
  role       = aws_iam_role.api_gateway_logs[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}

resource "aws_api_gateway_account" "region" {
  count               = length(aws_iam_role.api_gateway_logs)
  cloudwatch_role_arn = aws_iam_role.api_gateway_logs[0].arn

  lifecycle {
    prevent_destroy = true
  }

  depends_on = [aws_iam_role_policy_attachment.api_gateway_logs]
}
