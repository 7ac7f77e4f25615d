# API Gateway writes no access log unless the account has a role for logs in the region:
# https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
# All APIs of the region share this role, and version 6 of the provider removes it on destroy. This is
# why it has prevent_destroy, and why it is not part of the configuration that `make destroy` destroys.
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
