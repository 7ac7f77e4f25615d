resource "aws_iam_role" "function" {
  name                 = "${var.name}-function"
  description          = "What the function ${var.name} may do."
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "function" {
  name = "calls-of-the-code"
  role = aws_iam_role.function.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Sid = "Read", Effect = "Allow", Action = ["dynamodb:Query"], Resource = aws_dynamodb_table.visits.arn },
      # To IAM, a transaction is the writes in it. The condition refuses them alone: that would count twice.
      # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
      {
        Sid       = "Transact", Effect = "Allow", Action = ["dynamodb:PutItem", "dynamodb:UpdateItem"], Resource = aws_dynamodb_table.visits.arn
        Condition = { "ForAnyValue:StringEquals" = { "dynamodb:EnclosingOperation" = ["TransactWriteItems"] } }
      },
      { Sid = "Log", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = "${aws_cloudwatch_log_group.function.arn}:*" },
      ], var.xray ? [
      { Sid = "Trace", Effect = "Allow", Action = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], Resource = "*" },
    ] : [])
  })
}
