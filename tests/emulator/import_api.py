"""Implements PutRestApi with calls that MiniStack supports.

It creates the resources, methods, integrations, validators and gateway responses of an OpenAPI
document one at a time:
https://docs.aws.amazon.com/apigateway/latest/api/API_Operations.html
"""

from collections.abc import Mapping
from typing import Any

ANY = "x-amazon-apigateway-any-method"
LOCATIONS = {"query": "querystring", "header": "header", "path": "path"}

Document = Mapping[str, Any]


def put_rest_api(client: Any, api: str, document: Document) -> None:
    """Replace the whole definition of an API with a document (mode `overwrite`).

    Args:
        client: boto3 client of API Gateway.
        api: ID of the REST API.
    """
    root = clear(client, api)
    validators = {
        name: client.create_request_validator(restApiId=api, name=name, **rules)["id"]
        for name, rules in document.get("x-amazon-apigateway-request-validators", {}).items()
    }
    resources = {"": root}
    for path, item in document["paths"].items():
        resource = create_resource(client, api, resources, path)
        for method, operation in item.items():
            verb = "ANY" if method == ANY else method.upper()
            target = {"restApiId": api, "resourceId": resource, "httpMethod": verb}
            put_method(client, target, operation, validators.get(validator(document, operation)))
            put_integration(client, target, operation["x-amazon-apigateway-integration"])
    for kind, response in document.get("x-amazon-apigateway-gateway-responses", {}).items():
        client.put_gateway_response(restApiId=api, responseType=kind, **response)


def clear(client: Any, api: str) -> str:
    """Delete the definition of an API, and return the ID of its root resource."""
    resources = client.get_resources(restApiId=api, limit=500)["items"]
    [root] = [each["id"] for each in resources if each["path"] == "/"]
    for each in sorted(resources, key=lambda resource: -len(resource["path"])):  # deepest first
        if each["id"] != root:
            client.delete_resource(restApiId=api, resourceId=each["id"])
    for each in client.get_request_validators(restApiId=api)["items"]:
        client.delete_request_validator(restApiId=api, requestValidatorId=each["id"])
    for each in client.get_gateway_responses(restApiId=api)["items"]:
        if not each["defaultResponse"]:
            client.delete_gateway_response(restApiId=api, responseType=each["responseType"])
    return str(root)


def create_resource(client: Any, api: str, resources: dict[str, str], path: str) -> str:
    """Create the resources of a path that do not exist yet, and return the ID of the last one."""
    parent = ""
    for part in path.strip("/").split("/"):
        here = f"{parent}/{part}"
        if here not in resources:
            resources[here] = client.create_resource(
                restApiId=api, parentId=resources[parent], pathPart=part
            )["id"]
        parent = here
    return resources[parent]


def validator(document: Document, operation: Document) -> str:
    key = "x-amazon-apigateway-request-validator"
    return str(operation.get(key, document.get(key)))


def put_method(
    client: Any, target: Document, operation: Document, validator_id: str | None
) -> None:
    options = {"requestValidatorId": validator_id} if validator_id else {}
    parameters = {
        f"method.request.{LOCATIONS[each['in']]}.{each['name']}": each.get("required", False)
        for each in operation.get("parameters", [])
    }
    client.put_method(**target, authorizationType="NONE", requestParameters=parameters, **options)
    for status, response in operation["responses"].items():
        headers = {
            f"method.response.header.{name}": header.get("required", False)
            for name, header in response.get("headers", {}).items()
        }
        client.put_method_response(**target, statusCode=status, responseParameters=headers)


def put_integration(client: Any, target: Document, integration: Document) -> None:
    settings = {
        ("integrationHttpMethod" if name == "httpMethod" else name): value
        for name, value in integration.items()
        if name != "responses"
    }
    for name in ("type", "passthroughBehavior"):
        if name in settings:
            settings[name] = settings[name].upper()
    client.put_integration(**target, **settings)
    for pattern, response in integration.get("responses", {}).items():
        selection = {} if pattern == "default" else {"selectionPattern": pattern}
        client.put_integration_response(**target, **selection, **response)
