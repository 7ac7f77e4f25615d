# `make bootstrap` applies this once per account, with permissions to create IAM roles. It keeps the state in the bucket
# that this configuration creates.
terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { project = var.name, managed-by = "terraform/bootstrap" }
  }
}
