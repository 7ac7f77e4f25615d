"""A deployment to a local AWS, with the real Terraform and the real zip."""
