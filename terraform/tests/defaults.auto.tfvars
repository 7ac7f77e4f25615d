# `terraform test` reads the owner's settings, too. These go before them, so that the tests have the same result
# everywhere. null selects the default.
region                   = "eu-west-1"
allowed_origins          = ["https://example.com"]
counters                 = null
name                     = null
table_name               = null
shards                   = null
visit_cap                = null
memory                   = null
reserved_concurrency     = null
xray                     = null
permissions_boundary_arn = null
throttle                 = null
rate_limits              = null
flood_alarm              = null
waf_rate_limit           = null
domain                   = null
log_retention_days       = null
alarm_email              = null
monthly_budget           = null
