resource "aws_iam_role" "function" {
  name                 = "${var.name}-function"
  description          = "Execution role of the function ${var.name}."
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
      # IAM checks each write of a transaction. The condition refuses single writes, which could count a visit twice.
      # There is no condition for attributes: no document says that AWS fills dynamodb:Attributes inside transactions.
      # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
      {
        Sid       = "Count", Effect = "Allow", Action = ["dynamodb:UpdateItem"], Resource = aws_dynamodb_table.visits.arn
        Condition = { "ForAnyValue:StringEquals" = { "dynamodb:EnclosingOperation" = ["TransactWriteItems"] } }
      },
      # Without a permission to query or scan, the function finds only the secret of a day that it names.
      { Sid = "Secrets", Effect = "Allow", Action = ["dynamodb:UpdateItem", "dynamodb:DeleteItem"], Resource = aws_dynamodb_table.secrets.arn },
      { Sid = "Log", Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = "${aws_cloudwatch_log_group.function.arn}:*" },
      ], var.xray ? [
      { Sid = "Trace", Effect = "Allow", Action = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], Resource = "*" },
    ] : [])
  })
}
