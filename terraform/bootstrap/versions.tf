# Run once per account, with permissions to create IAM roles:
#   terraform init && terraform apply
# The state stays in this folder. It contains no secret, and all resources can be imported again.
terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { project = var.name, managed-by = "terraform/bootstrap" }
  }
}
