terraform {
  required_version = ">= 1.11" # for use_lockfile in versions.tf
}

variable "region" {
  description = "AWS region of all resources, such as eu-west-1. The counts are stored there."
  type        = string
  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "Use the code of a region, such as eu-west-1 or us-east-1."
  }
}

variable "allowed_origins" {
  description = "Origins of the pages that may count visits, such as https://example.com. \"*\" allows every origin."
  type        = list(string)
  validation {
    condition     = length(var.allowed_origins) > 0 && alltrue([for origin in var.allowed_origins : can(regex(local.origin, origin)) && !can(regex(local.default_port, origin))])
    error_message = "List origins as browsers send them: scheme and host in lower case, without a path, a trailing slash, a default port or a wildcard, such as [\"https://example.com\"]. Write names with other letters than a-z in punycode (xn--...)."
  }
}

# This file stands alone: the commands let Terraform check the settings without the other ones.
locals {
  # As browsers send it: in lower case, punycode for other letters, and without the scheme's own port.
  origin       = "^(\\*|https?://[a-z0-9.:_\\[\\]-]+)$"
  default_port = "^(http://.*:80|https://.*:443)$"

  # The operations with a rate limit in openapi.yaml, by operationId.
  # AWS stores the settings of a method under its path with every slash written as ~1:
  # https://github.com/hashicorp/terraform-provider-aws/issues/9738
  limited = merge([for path, operations in yamldecode(file("${path.module}/../openapi.yaml")).paths : {
    for method, operation in operations : operation.operationId => {
      method_path = "${replace(path, "/", "~1")}/${upper(method)}"
      limit       = operation["x-rate-limit"]
    } if can(operation["x-rate-limit"])
  }]...)
}

variable "counters" {
  description = "The counters. Each may have starting values, which are added to its counts, and origins of its own instead of allowed_origins: { resume = { visits = 1234, visitors = 901 }, blog = { allowed_origins = [\"https://blog.example.com\"] } }."
  type        = any # an object type would silently drop a misspelt key
  default     = { resume = {} }
  nullable    = false
  validation {
    condition     = try(length(var.counters) > 0 && alltrue([for name in keys(var.counters) : can(regex("^[a-z0-9][a-z0-9-]{0,63}$", name)) && name != "smoke"]), false)
    error_message = "Declare at least one counter. A name consists of 1 to 64 characters of a-z, 0-9 and -, and does not begin with -. The name smoke is reserved: the tests use this counter, and it always exists."
  }
  validation {
    condition = try(alltrue([for counter in values(var.counters) : alltrue([
      length(setsubtract(keys(counter), ["visits", "visitors", "allowed_origins"])) == 0,
      # The function reads no number that is written as 1e+15.
      alltrue([for total in [try(counter.visits, 0), try(counter.visitors, 0)] : total >= 0 && total < pow(10, 12) && floor(total) == total]),
    ])]), false)
    error_message = "A counter has the form { visits = 0, visitors = 0, allowed_origins = [\"https://example.com\"] }. All keys are optional. visits and visitors are the totals to start from, whole numbers of 0 or more."
  }
  validation {
    condition = try(alltrue([for counter in values(var.counters) :
      can(counter.allowed_origins[0]) && alltrue([for origin in counter.allowed_origins : can(regex(local.origin, origin)) && !can(regex(local.default_port, origin))])
      if can(counter.allowed_origins)
    ]), false)
    error_message = "List the allowed_origins of a counter as browsers send them: scheme and host in lower case, without a path, a trailing slash, a default port or a wildcard, such as [\"https://example.com\"]. Write names with other letters than a-z in punycode (xn--...)."
  }
}

variable "name" {
  description = "Name of the function, the API and the table of the counters, and prefix of all other names."
  type        = string
  default     = "visits"
  nullable    = false
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,39}$", var.name)) && !endswith(var.name, "-secrets")
    error_message = "Use 3 to 40 characters of a-z, 0-9 and -, beginning with a letter, and not ending with -secrets."
  }
}

variable "staging" {
  description = "Whether this is the staging deployment, which tests a release before production gets it. It has nothing that costs money without requests, and no domain. Set by the commands with DEPLOYMENT=staging, together with another name."
  type        = bool
  default     = false
  nullable    = false
}

variable "table_name" {
  description = "Name of the table of the counters if it differs from `name`, for example after a restore: see docs/operations.md. If you deploy from GitHub, it must begin with `name` and -, because the roles of bootstrap/ allow no other table."
  type        = string
  default     = null
  validation {
    condition     = var.table_name == null || can(regex("^[A-Za-z0-9_.-]{3,255}$", var.table_name)) && !endswith(coalesce(var.table_name, "-"), "-secrets")
    error_message = "Use 3 to 255 characters of A-Z, a-z, 0-9, _, . and -, not ending with -secrets."
  }
}

variable "shards" {
  description = "Number of items that each number of a counter is spread over: its totals, and each of its days. More shards allow more visits per second, and make a long history dearer to read. The number can be raised and lowered at any time without losing counts."
  type        = number
  default     = 4
  nullable    = false
  validation {
    condition     = var.shards >= 1 && var.shards <= 99 && floor(var.shards) == var.shards
    error_message = "Use a whole number from 1 to 99."
  }
}

variable "visit_cap" {
  description = "Visits of one network (an IPv4 address or an IPv6 /64 prefix) that a counter counts in a day. Further visits get the number, but are not counted. 0 sets no cap."
  type        = number
  default     = 100
  nullable    = false
  validation {
    condition     = var.visit_cap >= 0 && var.visit_cap <= 999999 && floor(var.visit_cap) == var.visit_cap
    error_message = "Use a whole number from 1 to 999999, or 0 for no cap."
  }
}

variable "lambda_zip" {
  description = "Path of the function's zip if it is not the result of `make build`. It is validated in lambda.tf."
  type        = string
  default     = null
}

variable "memory" {
  description = "Memory of the function in MB. CPU grows with it: 1769 MB correspond to one vCPU."
  type        = number
  default     = 512
  nullable    = false
  validation {
    condition     = var.memory >= 128 && var.memory <= 10240 && floor(var.memory) == var.memory
    error_message = "Use a whole number from 128 to 10240."
  }
}

variable "reserved_concurrency" {
  description = "Maximum of concurrent executions, reserved from the account's limit. 0 stops the function, and -1 reserves none."
  type        = number
  default     = -1
  nullable    = false
  validation {
    condition     = var.reserved_concurrency >= -1 && floor(var.reserved_concurrency) == var.reserved_concurrency
    error_message = "Use a whole number of 0 or more, or -1 for no reservation."
  }
}

variable "xray" {
  description = "Whether X-Ray traces requests. Unlike the logs, traces contain the visitor's IP address and user agent."
  type        = bool
  default     = false
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the function's role. bootstrap/ prints it. Without it, the role that deploys from GitHub cannot create the function's role."
  type        = string
  default     = null
  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary_arn))
    error_message = "Use the ARN of a policy, such as arn:aws:iam::123456789012:policy/visits-boundary."
  }
}

variable "throttle" {
  description = "Requests per second that each method of the stage accepts, and the size of a burst; for single operations, see rate_limits. AWS applies it as a best effort: more may pass, and it is no limit on the cost. See docs/cost.md."
  type        = object({ rate = number, burst = number })
  default     = { rate = 10, burst = 50 }
  nullable    = false
  validation {
    condition     = var.throttle.rate > 0 && var.throttle.burst >= 1 && floor(var.throttle.burst) == var.throttle.burst
    error_message = "Use a rate above 0, and a burst that is a whole number of 1 or more, such as { rate = 10, burst = 50 }."
  }
}

variable "rate_limits" {
  description = "The same limits for single operations that have an x-rate-limit in openapi.yaml, by operationId, such as { recordVisit = { rate = 5, burst = 25 } }. They replace those of openapi.yaml."
  type        = map(object({ rate = number, burst = number }))
  default     = {}
  nullable    = false
  validation {
    condition     = alltrue([for limit in values(var.rate_limits) : limit.rate > 0 && limit.burst >= 1 && floor(limit.burst) == limit.burst])
    error_message = "Use a rate above 0, and a burst that is a whole number of 1 or more, such as { recordVisit = { rate = 5, burst = 25 } }."
  }
  validation {
    condition     = length(setsubtract(keys(var.rate_limits), keys(local.limited))) == 0
    error_message = "Only operations with an x-rate-limit in openapi.yaml have a limit of their own: ${join(", ", keys(local.limited))}."
  }
}

variable "flood_alarm" {
  description = "Requests in one hour, to all routes together, above which the alarm api-flood starts. What a month just below it costs: docs/cost.md."
  type        = number
  default     = 1000
  nullable    = false
  validation {
    condition     = var.flood_alarm >= 1 && floor(var.flood_alarm) == var.flood_alarm
    error_message = "Use a whole number from 1, such as 1000."
  }
}

variable "waf_rate_limit" {
  description = "Requests that AWS WAF accepts from one IP address in five minutes. null creates no web ACL, which costs at least $6 a month."
  type        = number
  default     = null
  validation {
    condition     = var.waf_rate_limit == null || try(var.waf_rate_limit >= 10 && floor(var.waf_rate_limit) == var.waf_rate_limit, false)
    error_message = "Use a whole number of 10 or more, such as 300."
  }
}

variable "domain" {
  description = "A custom domain: its name, the ARN of its ACM certificate in this region and, for the DNS record, the ID of its Route 53 zone."
  type        = object({ name = string, certificate_arn = string, zone_id = optional(string) })
  default     = null
  validation {
    condition     = var.domain == null || can(regex("^([a-z0-9-]+\\.)+[a-z]{2,} arn:[a-z-]+:acm:${var.region}:", "${var.domain.name} ${var.domain.certificate_arn}"))
    error_message = "Use a name such as visits.example.com, and the ARN of an ACM certificate in the same region."
  }
}

variable "log_retention_days" {
  description = "Days after which CloudWatch deletes log events. They contain no IP address and no user agent."
  type        = number
  default     = 30
  nullable    = false
  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch accepts 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365 days and some longer periods."
  }
}

variable "alarm_email" {
  description = "E-mail address that receives the alarms, after its owner has confirmed the subscription. With null, alarms show only in the console."
  type        = string
  default     = null
  validation {
    condition     = var.alarm_email == null || can(regex("^[^@[:space:]]+@[^@[:space:]]+\\.[^@[:space:]]+$", var.alarm_email))
    error_message = "Use one e-mail address, such as me@example.com."
  }
}

variable "monthly_budget" {
  description = "Monthly cost of the whole account in US dollars at which AWS sends an e-mail to alarm_email. null creates no budget."
  type        = number
  default     = null
  validation {
    condition     = var.monthly_budget == null || try(var.monthly_budget > 0 && var.alarm_email != null, false)
    error_message = "Use an amount above 0, and also set alarm_email, which receives the notifications."
  }
}
