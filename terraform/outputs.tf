locals {
  api_url = try("https://${aws_api_gateway_domain_name.api[0].domain_name}", aws_api_gateway_stage.live.invoke_url)
}

output "api_url" { value = local.api_url }
output "health_url" { value = "${local.api_url}/health" }

output "html" {
  description = "What to paste into the page, beside visitor-counter.js from client/dist."
  value       = <<-HTML
    <script type="module" src="visitor-counter.js"></script>
    <visitor-counter api="${local.api_url}" counter="${keys(var.counters)[0]}"></visitor-counter>
  HTML
}

output "domain_target" {
  description = "Where the domain's DNS record must point to, unless Route 53 makes it here."
  value       = one(aws_api_gateway_domain_name.api[*].regional_domain_name)
}

output "table_name" { value = aws_dynamodb_table.visits.name }
output "function_name" { value = aws_lambda_function.visits.function_name }
output "alias" { value = aws_lambda_alias.live.name }
output "rest_api_id" { value = aws_api_gateway_rest_api.visits.id }
output "stage" { value = aws_api_gateway_stage.live.stage_name }
output "region" { value = var.region }
