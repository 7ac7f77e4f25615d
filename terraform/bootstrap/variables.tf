variable "region" {
  description = "AWS region of the counter and of its Terraform state, such as eu-west-1."
  type        = string
  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "Write a region's code, such as eu-west-1 or us-east-1."
  }
}

variable "name" {
  description = "Name of the counter's deployment; the roles may also deploy others whose name is this one, a - and more."
  type        = string
  default     = "visits"
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,29}$", var.name))
    error_message = "Use 3 to 30 of a-z, 0-9 and -, beginning with a letter."
  }
}

variable "github" {
  description = "The repository that deploys from GitHub Actions; none makes no roles. The ids: gh api repos/OWNER/REPOSITORY --jq '.owner.id, .id'"
  type = object({
    owner         = string
    repository    = string
    owner_id      = number
    repository_id = number
    environment   = optional(string, "production")
  })
  default = null
  validation {
    condition     = var.github == null || can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+:[A-Za-z0-9 ._-]+$", "${var.github.owner}/${var.github.repository}:${var.github.environment}"))
    error_message = "Write owner, repository (without the owner) and environment as GitHub spells them: AWS compares them letter by letter."
  }
  validation {
    condition     = try(alltrue([for id in [var.github.owner_id, var.github.repository_id] : id > 0 && floor(id) == id]), var.github == null)
    error_message = "owner_id and repository_id are the whole numbers that `gh api repos/OWNER/REPOSITORY --jq '.owner.id, .id'` prints."
  }
}

variable "github_oidc_provider_arn" {
  description = "ARN of GitHub's OIDC provider, when the account has one already: it can have only one."
  type        = string
  default     = null
  validation {
    condition     = var.github_oidc_provider_arn == null || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:oidc-provider/token\\.actions\\.githubusercontent\\.com$", var.github_oidc_provider_arn))
    error_message = "It ends in oidc-provider/token.actions.githubusercontent.com; `aws iam list-open-id-connect-providers` shows it."
  }
}

variable "hosted_zone_ids" {
  description = "Ids of the Route 53 zones in which a deployment may write its domain's record."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for id in var.hosted_zone_ids : can(regex("^Z[A-Z0-9]+$", id))])
    error_message = "A zone's id begins with Z; `aws route53 list-hosted-zones` shows it."
  }
}

variable "api_gateway_logging" {
  description = "Whether to give API Gateway its role for logs in this region. Without one it refuses the access log; false when the region has one."
  type        = bool
  default     = true
}
