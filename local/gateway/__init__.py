"""A local API Gateway that takes its routes from the document for the import; see app.Gateway."""
