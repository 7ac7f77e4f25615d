variable "region" {
  description = "AWS region of everything, such as eu-west-1. The counts are stored there."
  type        = string
  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "Write a region's code, such as eu-west-1 or us-east-1."
  }
}

variable "allowed_origins" {
  description = "Origins of the pages that may count, such as https://example.com; \"*\" allows all."
  type        = list(string)
  validation {
    condition     = length(var.allowed_origins) > 0 && alltrue([for origin in var.allowed_origins : can(regex("^(\\*|https?://[^A-Z*/?#@,[:space:]]+)$", origin))])
    error_message = "List your site's origin as browsers send it: scheme and host in small letters, no path, no slash at the end, no wildcard, such as [\"https://example.com\"]."
  }
}

variable "counters" {
  description = "The counters and what each starts at, which is added to what is counted: { resume = { visits = 1234, visitors = 901 } }."
  type        = map(map(number)) # an object type would drop a misspelt key without a word
  default     = { resume = {} }
  validation {
    condition     = length(var.counters) > 0 && alltrue([for name in keys(var.counters) : can(regex("^[a-z0-9][a-z0-9-]{0,63}$", name)) && name != "smoke"])
    error_message = "Declare at least one counter. A name has up to 64 of a-z, 0-9 and -, and begins with no -. The counter smoke belongs to the tests and is always there."
  }
  validation {
    condition     = alltrue(flatten([for start in values(var.counters) : [for what, n in start : contains(["visits", "visitors"], what) && try(n >= 0 && floor(n) == n, false)]]))
    error_message = "A start is { visits = 0, visitors = 0 }: one of them, both or none, and whole numbers from 0."
  }
  validation {
    condition     = length(jsonencode(var.counters)) <= 3000
    error_message = "Lambda's environment holds 4 KB, which these counters exceed. Deploy the rest a second time, under another name."
  }
}

variable "name" {
  description = "Name of the function, the API and the table, and prefix of everything else."
  type        = string
  default     = "visits"
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,39}$", var.name))
    error_message = "Use 3 to 40 of a-z, 0-9 and -, beginning with a letter."
  }
}

variable "table_name" {
  description = "Name of the table, when it is not `name`: after a restore, see docs/operations.md."
  type        = string
  default     = null
  validation {
    condition     = var.table_name == null || can(regex("^[A-Za-z0-9_.-]{3,255}$", var.table_name))
    error_message = "A table's name has 3 to 255 of A-Z, a-z, 0-9, _, . and -"
  }
}

variable "shards" {
  description = "Over how many items the totals of a counter are spread. One takes 1,000 writes a second; four are read for the price of one. Raising it loses nothing."
  type        = number
  default     = 4
  validation {
    condition     = var.shards >= 1 && var.shards <= 99 && floor(var.shards) == var.shards
    error_message = "Use a whole number from 1 to 99."
  }
}

variable "lambda_zip" {
  description = "The function's zip, when it is not the one that `make build` makes. Validated where it is used, in lambda.tf."
  type        = string
  default     = null
}

variable "memory" {
  description = "Memory of the function in MB. CPU grows with it: 1769 is one whole processor."
  type        = number
  default     = 512
  validation {
    condition     = var.memory >= 128 && var.memory <= 10240 && floor(var.memory) == var.memory
    error_message = "Use a whole number from 128 to 10240."
  }
}

variable "reserved_concurrency" {
  description = "So many requests at most run side by side, taken from the account's limit; 0 stops the function, -1 reserves none."
  type        = number
  default     = -1
  validation {
    condition     = var.reserved_concurrency >= -1 && floor(var.reserved_concurrency) == var.reserved_concurrency
    error_message = "Use a whole number, or -1 for none."
  }
}

variable "snapstart" {
  description = "Whether new sandboxes start from a snapshot: a shorter first answer, at a price; see docs/cost.md."
  type        = bool
  default     = false
}

variable "xray" {
  description = "Whether X-Ray traces requests. Its traces hold the visitor's address and user agent, unlike the logs."
  type        = bool
  default     = false
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the function's role. bootstrap/ prints it: the role that deploys from GitHub can make no role without it."
  type        = string
  default     = null
  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary_arn))
    error_message = "Write a policy's ARN, such as arn:aws:iam::123456789012:policy/visits-boundary."
  }
}

variable "throttle" {
  description = "Requests per second that the API takes, and how many more at once. It also bounds the bill: see docs/cost.md."
  type        = object({ rate = number, burst = number })
  default     = { rate = 10, burst = 50 }
  validation {
    condition     = var.throttle.rate > 0 && var.throttle.burst >= 1 && floor(var.throttle.burst) == var.throttle.burst
    error_message = "Use a rate above 0 and a whole burst from 1, such as { rate = 10, burst = 50 }."
  }
}

variable "flood_alarm" {
  description = "Requests in one hour, to all routes together, above which the alarm api-flood starts. What a month just below it costs: docs/cost.md."
  type        = number
  default     = 1000
  validation {
    condition     = var.flood_alarm >= 1 && floor(var.flood_alarm) == var.flood_alarm
    error_message = "Use a whole number from 1, such as 1000."
  }
}

variable "waf_rate_limit" {
  description = "Requests that one address may make in five minutes before AWS WAF refuses it; none leaves WAF out, which costs at least $6 a month."
  type        = number
  default     = null
  validation {
    condition     = var.waf_rate_limit == null || try(var.waf_rate_limit >= 10 && floor(var.waf_rate_limit) == var.waf_rate_limit, false)
    error_message = "Use a whole number from 10, such as 300."
  }
}

variable "domain" {
  description = "A domain of your own: its name, the ARN of its ACM certificate in this region and, for the DNS record, the id of its Route 53 zone."
  type        = object({ name = string, certificate_arn = string, zone_id = optional(string) })
  default     = null
  validation {
    condition     = var.domain == null || can(regex("^([a-z0-9-]+\\.)+[a-z]{2,} arn:[a-z-]+:acm:${var.region}:", "${var.domain.name} ${var.domain.certificate_arn}"))
    error_message = "Use a name such as visits.example.com, and the ARN of an ACM certificate that is in the same region."
  }
}

variable "log_retention_days" {
  description = "Days after which CloudWatch deletes log lines. They hold no address and no user agent."
  type        = number
  default     = 30
  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch takes 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365 days and some longer terms."
  }
}

variable "alarm_email" {
  description = "Address that gets the alarms, once it has confirmed AWS's first message; none leaves them in the console."
  type        = string
  default     = null
  validation {
    condition     = var.alarm_email == null || can(regex("^[^@[:space:]]+@[^@[:space:]]+\\.[^@[:space:]]+$", var.alarm_email))
    error_message = "Write one e-mail address, such as me@example.com."
  }
}

variable "monthly_budget" {
  description = "US dollars a month, of the whole account, at which alarm_email is told; none makes no budget."
  type        = number
  default     = null
  validation {
    condition     = var.monthly_budget == null || try(var.monthly_budget > 0 && var.alarm_email != null, false)
    error_message = "Use an amount above 0, and set alarm_email too: a budget needs somebody to tell."
  }
}
