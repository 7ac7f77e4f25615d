"""`make drift`: compare what is live with openapi.yaml and with the last deployment.

Terraform does not read the body of a REST API back, so no plan shows a change made by hand.
This command compares the contract with the export of the stage:
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-export-api.html
"""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from contract import generation
from contract.command import CommandError
from release import account, repair, terminal

RESPONSES = "x-amazon-apigateway-gateway-responses"
INTEGRATION = "x-amazon-apigateway-integration"

Document = Mapping[str, Any]


def main() -> None:
    found = compare(account.deployed())
    print("\n".join(found) or "What is live matches openapi.yaml and the last deployment.")
    sys.exit(bool(found))


def compare(outputs: Mapping[str, Any]) -> list[str]:
    """Return what is not live as openapi.yaml and the last deployment say, one line each."""
    api, stage = outputs["rest_api_id"], outputs["stage"]
    session = boto3.Session(region_name=outputs["region"])
    client = session.client("apigateway")
    try:
        actual = export(client, api, stage)
        limits = client.get_stage(restApiId=api, stageName=stage).get("methodSettings", {})
        name = outputs["function_name"]
        found = repair.unpublished(session.client("lambda"), name, outputs["alias"])
    except (BotoCoreError, ClientError) as error:
        if repair.is_missing(error):
            return [f"a part of the deployment is missing: {error}"]
        raise CommandError(f"AWS did not show what is live: {error}") from None
    return [
        *(f"function {name}: {each} is changed, but not live. Run make deploy." for each in found),
        *other_limits(outputs.get("rate_limits", {}), limits),
        *differences(generation.read(), actual),
    ]


def other_limits(
    expected: Mapping[str, Mapping[str, float]], actual: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    """Yield each limit of requests that is not as it was deployed, by method."""
    names = {"rate": "throttlingRateLimit", "burst": "throttlingBurstLimit"}
    for method, limits in expected.items():
        for name, key in names.items():
            if (found := actual.get(method, {}).get(key)) != limits[name]:
                yield f"limit of {method}: {name} is {found}, the settings say {limits[name]}"


def export(client: Any, api: str, stage: str) -> Document:
    """Return the OpenAPI export of a stage, with the customised gateway responses."""
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


def differences(document: Document, exported: Document) -> Iterator[str]:
    """Yield each difference: missing, extra or changed."""
    expected, actual = operations(document), operations(exported)
    for name in sorted(expected.keys() - actual.keys()):
        yield f"{name}: not deployed"
    for name in sorted(actual.keys() - expected.keys()):
        yield f"{name}: deployed, but not in the contract"
    for name in sorted(expected.keys() & actual.keys()):
        yield from (f"{name}: {each}" for each in changes(expected[name], actual[name]))
    for kind, response in document[RESPONSES].items():
        custom = exported[RESPONSES].get(kind, {})
        yield from (f"gateway response {kind}: {each}" for each in changes(response, custom))
    for kind in sorted(exported[RESPONSES].keys() - document[RESPONSES].keys()):
        yield f"gateway response {kind}: customised, but not in the contract"


def operations(document: Document) -> dict[str, Document]:
    """Return the compared parts of each operation, by method and path."""
    return {
        f"{method.upper()} {path}": {
            "parameters": {
                f"{each['in']} {each['name']}": each.get("required", False)
                for each in operation.get("parameters", [])
            },
            "statuses": dict.fromkeys(operation.get("responses", {}), True),
            **operation.get(INTEGRATION, {}),
        }
        for path, item in document.get("paths", {}).items()
        for method, operation in item.items()
    }


def changes(expected: Any, actual: Any, place: str = "") -> Iterator[str]:
    """Yield each value of the contract that the API lacks. Its additional defaults are ignored."""
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for name, value in expected.items():
            yield from changes(value, actual.get(name), f"{place}.{name}".strip("."))
    elif expected != generation.LAMBDA and str(expected).lower() != str(actual).lower():
        yield f"{place} is {actual!r}, the contract says {expected!r}"


if __name__ == "__main__":
    terminal.run(main)
