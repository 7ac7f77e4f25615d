# As in ../../tests/defaults.auto.tfvars.
region                   = "eu-west-1"
name                     = null
github                   = null
github_oidc_provider_arn = null
hosted_zone_ids          = null
api_gateway_logging      = null
