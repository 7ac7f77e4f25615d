variable "region" {
  description = "AWS region of the counter and of its Terraform state, such as eu-west-1."
  type        = string
  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "Use the code of a region, such as eu-west-1 or us-east-1."
  }
}

variable "name" {
  description = "Name of the deployment. The roles may also deploy others whose names begin with this name and a hyphen."
  type        = string
  default     = "visits"
  nullable    = false
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,29}$", var.name))
    error_message = "Use 3 to 30 characters of a-z, 0-9 and -, beginning with a letter."
  }
}

variable "github" {
  description = "The repository that deploys from GitHub Actions. null creates no roles. This prints the IDs: gh api repos/OWNER/REPOSITORY --jq '.owner.id, .id'"
  type = object({
    owner         = string
    repository    = string
    owner_id      = number
    repository_id = number
  })
  default = null
  validation {
    condition     = var.github == null || can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", "${var.github.owner}/${var.github.repository}"))
    error_message = "Use owner and repository (without the owner) exactly as GitHub spells them, including upper and lower case."
  }
  validation {
    condition     = try(alltrue([for id in [var.github.owner_id, var.github.repository_id] : id > 0 && floor(id) == id]), var.github == null)
    error_message = "Use the whole numbers for owner_id and repository_id that `gh api repos/OWNER/REPOSITORY --jq '.owner.id, .id'` prints."
  }
}

variable "github_oidc_provider_arn" {
  description = "ARN of GitHub's OIDC provider if the account already has one. An account can have only one."
  type        = string
  default     = null
  validation {
    condition     = var.github_oidc_provider_arn == null || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:oidc-provider/token\\.actions\\.githubusercontent\\.com$", var.github_oidc_provider_arn))
    error_message = "Use the ARN that ends in oidc-provider/token.actions.githubusercontent.com; `aws iam list-open-id-connect-providers` shows it."
  }
}

variable "hosted_zone_ids" {
  description = "IDs of the Route 53 zones in which a deployment may create the DNS record of its domain."
  type        = list(string)
  default     = []
  nullable    = false
  validation {
    condition     = alltrue([for id in var.hosted_zone_ids : can(regex("^Z[A-Z0-9]+$", id))])
    error_message = "The ID of a zone begins with Z; `aws route53 list-hosted-zones` shows it."
  }
}

variable "api_gateway_logging" {
  description = "Whether to create API Gateway's role for logs in this region. The access log needs one. Use false if the region already has one."
  type        = bool
  default     = true
  nullable    = false
}
