locals {
  api_url = try("https://${aws_api_gateway_domain_name.api[0].domain_name}", aws_api_gateway_stage.live.invoke_url)
  badges  = { for name in keys(var.counters) : name => "${local.api_url}/counters/${name}/badge.svg" }

  # A browser runs the script only if it has this hash: https://developer.mozilla.org/en-US/docs/Web/Security/Subresource_Integrity
  scripts = [for file in ["visitor-counter.js", "visitor-history.js"] : join(" ", [
    "<script type=\"module\" src=\"${local.api_url}/elements/${file}\"",
    "integrity=\"sha512-${filebase64sha512("${path.module}/../client/dist/${file}")}\" crossorigin=\"anonymous\"></script>",
  ])]
}

output "api_url" { value = local.api_url }
output "health_url" { value = "${local.api_url}/health" }

output "html" {
  description = "HTML to paste into the page. The scripts come first, then for each counter: the number, a badge for browsers without scripts, and the chart."
  value       = <<-HTML
    ${join("\n", local.scripts)}
    %{for name, badge in local.badges~}

    <visitor-counter api="${local.api_url}" counter="${name}" label="{n} visit|{n} visits"></visitor-counter>
    <noscript><img src="${badge}" alt="Number of visits"></noscript>
    <visitor-history api="${local.api_url}" counter="${name}" label="Visits in the last 30 days"></visitor-history>
    %{endfor~}
  HTML
}

output "markdown" {
  description = "Markdown of each counter's badge, for a README."
  value       = join("\n", [for badge in local.badges : "![Number of visits](${badge})"])
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
output "rate_limits" {
  description = "The limits of the stage as AWS returns them, by method, for `make drift`."
  value = { for each in concat([aws_api_gateway_method_settings.all], values(aws_api_gateway_method_settings.limited)) :
    each.method_path => { rate = each.settings[0].throttling_rate_limit, burst = each.settings[0].throttling_burst_limit }
  }
}

output "region" { value = var.region }
