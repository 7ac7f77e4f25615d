# `make bootstrap` applies this once per account, with permissions to create IAM roles. It creates the bucket in state.tf
# first, because the state of this configuration is in it, too.
terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  backend "s3" {
    key          = "bootstrap/terraform.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { project = var.name, managed-by = "terraform/bootstrap" }
  }
}
