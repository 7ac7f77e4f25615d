# Invalid values must be rejected before AWS is called. A run fails unless every listed variable is
# rejected.
mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  region          = "eu-west-1"
  allowed_origins = ["https://example.com"]
  lambda_zip      = "../openapi.yaml" # any file
}

run "wrong_format" {
  command = plan
  variables {
    allowed_origins          = ["https://example.com/"]
    counters                 = { Resume = {} }
    name                     = "Visits"
    table_name               = "my table"
    shards                   = 0
    visit_cap                = -1
    memory                   = 512.5
    reserved_concurrency     = -2
    permissions_boundary_arn = "visits-boundary"
    throttle                 = { rate = 0, burst = 50 }
    rate_limits              = { recordVisit = { rate = 5, burst = 0.5 }, readCounter = { rate = 5, burst = 5 } }
    flood_alarm              = 0
    waf_rate_limit           = 9
    domain                   = { name = "https://visits.example.com", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d" }
    log_retention_days       = 2
    alarm_email              = "me"
  }
  expect_failures = [
    var.allowed_origins, var.counters, var.name, var.table_name, var.shards, var.visit_cap, var.memory, var.reserved_concurrency, var.permissions_boundary_arn,
    var.throttle, var.rate_limits, var.flood_alarm, var.waf_rate_limit, var.domain, var.log_retention_days, var.alarm_email,
  ]
}

run "out_of_range" {
  command = plan
  variables {
    region               = "Ireland"
    allowed_origins      = []
    counters             = {}
    name                 = "v"
    shards               = 100
    visit_cap            = 1000000
    memory               = 64
    reserved_concurrency = 0.5
    throttle             = { rate = 10, burst = 0 }
    flood_alarm          = 10.5
    waf_rate_limit       = 10.5
    monthly_budget       = 5 # without alarm_email
  }
  expect_failures = [
    var.region, var.allowed_origins, var.counters, var.name, var.shards, var.visit_cap, var.memory, var.reserved_concurrency, var.throttle, var.flood_alarm, var.waf_rate_limit,
    var.monthly_budget,
  ]
}

run "misspelt_starting_value_and_budget_of_0" {
  command = plan
  variables {
    allowed_origins = ["example.com"]
    counters        = { resume = { visit = 1234 } }
    alarm_email     = "me@example.com"
    monthly_budget  = 0
  }
  expect_failures = [var.allowed_origins, var.counters, var.monthly_budget]
}

run "negative_starting_value_wildcard_and_certificate_of_another_region" {
  command = plan
  variables {
    allowed_origins = ["https://*.example.com"]
    counters        = { resume = { visits = -1 } }
    domain          = { name = "visits.example.com", certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d" }
  }
  expect_failures = [var.allowed_origins, var.counters, var.domain]
}

run "fractional_starting_value_and_upper_case_origin" {
  command = plan
  variables {
    allowed_origins = ["https://Example.com"]
    counters        = { resume = { visitors = 0.5 } }
  }
  expect_failures = [var.allowed_origins, var.counters]
}

run "no_map_of_counters_and_the_default_port" {
  command = plan
  variables {
    allowed_origins = ["https://example.com:443"]
    counters        = ["resume"]
  }
  expect_failures = [var.allowed_origins, var.counters]
}

run "starting_value_in_quotes" {
  command = plan
  variables { counters = { resume = { visits = "1234" } } }
  expect_failures = [var.counters]
}

run "origin_of_a_counter_with_a_path" {
  command = plan
  variables { counters = { blog = {}, resume = { allowed_origins = ["https://example.com/blog"] } } }
  expect_failures = [var.counters]
}

run "origin_of_a_counter_without_a_list" {
  command = plan
  variables { counters = { resume = { allowed_origins = "https://example.com" } } }
  expect_failures = [var.counters]
}

run "reserved_counter" {
  command = plan
  variables { counters = { smoke = {} } }
  expect_failures = [var.counters]
}

run "settings_that_do_not_fit_into_the_environment" {
  command = plan
  variables {
    allowed_origins = [for i in range(50) : "https://page-${i}.example.com"]
    counters        = { for i in range(80) : "a-counter-with-a-long-name-${i}" => {} }
  }
  expect_failures = [aws_lambda_function.visits]
}

run "no_zip" {
  command = plan
  variables { lambda_zip = "../build/missing.zip" }
  expect_failures = [aws_lambda_function.visits]
}
