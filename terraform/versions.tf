terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # bootstrap/ creates the bucket, and prints its name and region for terraform init.
  backend "s3" {
    key          = "visits/terraform.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = var.region

  # An interrupted apply finds what it has created by these tags. IAM roles belong to no region.
  default_tags { tags = { project = var.name, region = var.region, managed-by = "terraform" } }
}
