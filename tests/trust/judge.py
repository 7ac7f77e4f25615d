"""Judges responses by openapi.yaml: openapi-core with its defaults, without the compiled code."""

from functools import cache
from types import SimpleNamespace

from openapi_core import Config, OpenAPI

from contract import repository
from openapi_handler.contract import with_known_values
from openapi_handler.validators import MEDIA_TYPES


@cache
def openapi():
    """Return openapi.yaml with schemas that allow only what this version documents."""
    config = Config(
        extra_media_type_deserializers=MEDIA_TYPES, additional_properties_default_policy="forbid"
    )
    return OpenAPI.from_dict(with_known_values(repository.read()[0]), config)


def violations(event, response):
    """Return what the contract does not document in the response to an event."""
    not_read = {"host_url": "", "parameters": None, "content_type": "", "body": None}
    method, path = event["httpMethod"].lower(), event["resource"]
    headers = response["headers"]
    errors = openapi().iter_response_errors(
        SimpleNamespace(path=path, method=method, **not_read),
        SimpleNamespace(
            status_code=response["statusCode"],
            content_type=headers.get("Content-Type", ""),
            headers=headers,
            data=response["body"].encode(),
        ),
    )
    return [f"{error} {error.__cause__ or ''}" for error in errors]
