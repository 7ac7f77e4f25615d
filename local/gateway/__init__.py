"""A local API Gateway that takes its routes from openapi.yaml; see app.Gateway."""
