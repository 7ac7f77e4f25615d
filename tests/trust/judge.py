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


def violations(method, path, status, headers, body):
    """Return what the contract does not document in a response.

    Args:
        path: the path template.
        body: text.
    """
    sent = {"parameters": None, "content_type": "", "body": None}  # not read
    request = SimpleNamespace(host_url="", path=path, method=method.lower(), **sent)
    response = SimpleNamespace(
        status_code=status,
        content_type=headers.get("Content-Type", ""),
        headers=headers,
        data=body.encode(),
    )
    errors = openapi().iter_response_errors(request, response)
    return [f"{error} {error.__cause__ or ''}" for error in errors]
