"""API Gateway on this machine, made from openapi.yaml. Start reading at app.Gateway."""
