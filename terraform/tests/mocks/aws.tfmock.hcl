# Values that AWS generates, where the provider or a test checks their format.
mock_resource "aws_api_gateway_rest_api" {
  defaults = {
    id            = "api1234567"
    execution_arn = "arn:aws:execute-api:eu-west-1:123456789012:api1234567"
  }
}

mock_resource "aws_api_gateway_stage" {
  defaults = {
    arn        = "arn:aws:apigateway:eu-west-1::/restapis/api1234567/stages/live"
    invoke_url = "https://api1234567.execute-api.eu-west-1.amazonaws.com/live"
  }
}

mock_resource "aws_api_gateway_domain_name" {
  defaults = {
    regional_domain_name = "d-1234567890.execute-api.eu-west-1.amazonaws.com"
    regional_zone_id     = "ZLY8HYME6SFDD"
  }
}

mock_data "aws_caller_identity" {
  defaults = { account_id = "123456789012" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws" }
}

mock_resource "aws_sns_topic" {
  defaults = { arn = "arn:aws:sns:eu-west-1:123456789012:visits-alarms" }
}
