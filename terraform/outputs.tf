locals {
  api_url = try("https://${aws_api_gateway_domain_name.api[0].domain_name}", aws_api_gateway_stage.live.invoke_url)
}

output "api_url" { value = local.api_url }
output "health_url" { value = "${local.api_url}/health" }

output "html" {
  description = "HTML to paste into the page. It needs visitor-counter.js from client/dist."
  value       = <<-HTML
    <script type="module" src="visitor-counter.js"></script>
    <visitor-counter api="${local.api_url}" counter="${keys(var.counters)[0]}"></visitor-counter>
  HTML
}

output "domain_target" {
  description = "Target of the domain's DNS record, if this configuration does not create it in Route 53."
  value       = one(aws_api_gateway_domain_name.api[*].regional_domain_name)
}

output "table_name" { value = aws_dynamodb_table.visits.name }
output "function_name" { value = aws_lambda_function.visits.function_name }
output "alias" { value = aws_lambda_alias.current.name }
output "rest_api_id" { value = aws_api_gateway_rest_api.visits.id }
output "stage" { value = aws_api_gateway_stage.live.stage_name }
output "region" { value = var.region }
