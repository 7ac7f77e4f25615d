"""`make drift`: the live API against openapi.yaml.

Terraform never reads the body back, so what somebody changed by hand shows in no plan.
This compares what the contract says with what API Gateway exports of the stage:
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-export-api.html
"""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from release import account
from visits import contract

RESPONSES = "x-amazon-apigateway-gateway-responses"
INTEGRATION = "x-amazon-apigateway-integration"
LAMBDA = "${lambda_invoke_arn}"

Document = Mapping[str, Any]


def main() -> None:
    try:
        account.connect()
        found = compare(account.deployed())
    except account.CannotDeploy as error:
        sys.exit(f"\n{error}")
    print("\n".join(found) or "The live API is what openapi.yaml says.")
    sys.exit(bool(found))


def compare(deployed: Mapping[str, str]) -> list[str]:
    """Where what is deployed is not what openapi.yaml says, one line each.

    Args:
        deployed: Terraform's outputs.
    """
    api, stage = deployed["rest_api_id"], deployed["stage"]
    try:
        live = export(boto3.client("apigateway", region_name=deployed["region"]), api, stage)
    except (BotoCoreError, ClientError) as error:
        return [f"stage {stage} of the API {api} cannot be looked at: {error}"]
    return list(differences(contract.read()[0], live))


def export(client: Any, api: str, stage: str) -> Document:
    """What a stage serves, as OpenAPI, with the gateway responses that were customised."""
    body = client.get_export(
        restApiId=api,
        stageName=stage,
        exportType="oas30",
        parameters={"extensions": "apigateway"},
        accepts="application/json",
    )["body"]
    responses = client.get_gateway_responses(restApiId=api, limit=500)["items"]
    custom = {each["responseType"]: each for each in responses if not each["defaultResponse"]}
    return {**json.loads(body.read()), RESPONSES: custom}


def differences(document: Document, live: Document) -> Iterator[str]:
    """One line for each thing that the contract says and the live API does not do, or does too."""
    said, served = operations(document), operations(live)
    for name in sorted(said.keys() - served.keys()):
        yield f"{name}: not served"
    for name in sorted(served.keys() - said.keys()):
        yield f"{name}: served, and not in the contract"
    for name in sorted(said.keys() & served.keys()):
        yield from (f"{name}: {each}" for each in changed(said[name], served[name]))
    for kind, response in document[RESPONSES].items():
        live_response = live[RESPONSES].get(kind, {})
        yield from (f"gateway response {kind}: {each}" for each in changed(response, live_response))
    for kind in sorted(live[RESPONSES].keys() - document[RESPONSES].keys()):
        yield f"gateway response {kind}: customised, and not in the contract"


def operations(document: Document) -> dict[str, Document]:
    """What matters of each operation, by method and path."""
    return {
        f"{method.upper()} {path}": {
            "parameters": {
                f"{each['in']} {each['name']}": each.get("required", False)
                for each in operation.get("parameters", [])
            },
            "statuses": dict.fromkeys(operation["responses"], True),
            **operation.get(INTEGRATION, {}),
        }
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def changed(said: Any, served: Any, place: str = "") -> Iterator[str]:
    """Where the live API does not do what the contract says. What it adds as defaults is fine."""
    if isinstance(said, Mapping) and isinstance(served, Mapping):
        for name, value in said.items():
            yield from changed(value, served.get(name), f"{place}.{name}".strip("."))
    elif said != LAMBDA and str(said).lower() != str(served).lower():
        yield f"{place} is {served!r}, the contract says {said!r}"


if __name__ == "__main__":
    main()
