# Run once per account, by somebody who may make IAM roles:
#   terraform init && terraform apply
# Its own state stays in this folder: it holds no secret, and everything in it can be imported again.
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
