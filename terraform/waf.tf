# Optional: blocks an IP address that sends too many requests. The response is WAF_FILTERED in openapi.yaml.
# Sampled requests are disabled, because they contain IP addresses and user agents.
resource "aws_wafv2_web_acl" "rate" {
  # checkov:skip=CKV_AWS_192: the function is written in Python and does not use Log4j
  # checkov:skip=CKV2_AWS_31: its logs would contain IP addresses and user agents; its metrics count the blocked requests
  count       = var.waf_rate_limit == null || var.staging ? 0 : 1
  name        = var.name
  description = "Limits requests by IP address."
  scope       = "REGIONAL"

  default_action {
    allow {}
  }

  rule {
    name     = "requests-by-address"
    priority = 0

    action {
      block {}
    }

    statement {
      rate_based_statement {
        aggregate_key_type = "IP"
        limit              = var.waf_rate_limit
      }
    }

    visibility_config {
      metric_name                = "${var.name}-requests-by-address"
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = false
    }
  }

  visibility_config {
    metric_name                = var.name
    cloudwatch_metrics_enabled = true
    sampled_requests_enabled   = false
  }
}

resource "aws_wafv2_web_acl_association" "rate" {
  count        = length(aws_wafv2_web_acl.rate)
  web_acl_arn  = aws_wafv2_web_acl.rate[0].arn
  resource_arn = aws_api_gateway_stage.live.arn
}
