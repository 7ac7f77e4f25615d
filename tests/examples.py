"""Messages that are made of the examples in a contract."""

import json
from types import SimpleNamespace
from urllib.parse import urlencode

from werkzeug.test import EnvironBuilder

from local.gateway.event import proxy_event
from openapi_handler.references import follow


def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def example(part, document):
    """Return the example of a parameter or a body, or else of its schema."""
    if "example" in part:
        return part["example"]
    for named in part.get("examples", {}).values():
        return named["value"]
    schema = part["schema"]
    return (follow(document, schema["$ref"]) if "$ref" in schema else schema)["example"]


def text(value):
    return value if isinstance(value, str) else json.dumps(value)


def valid_event(document, path, method, *, optional=True):
    """Return the event of a request with the examples of the parameters and of the body."""
    operation = document["paths"][path][method]
    values = {"path": {}, "query": [], "header": {"Accept": "*/*"}}
    for parameter in operation.get("parameters", []):
        if not (optional or parameter.get("required")):
            continue
        name, value = parameter["name"], example(parameter, document)
        texts = [text(item) for item in value] if isinstance(value, list) else [text(value)]
        if parameter["in"] == "query":
            if not parameter.get("explode", True):
                texts = [",".join(texts)]
            values["query"] += [(name, item) for item in texts]
        else:
            values[parameter["in"]][name] = ",".join(texts)
    body = {}
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        body = {"data": text(example(content, document)), "content_type": media_type}
    options = {"query_string": urlencode(values["query"]), "headers": values["header"], **body}
    builder = EnvironBuilder(path, method=method.upper(), **options)
    return proxy_event(builder.get_request(), path, values["path"])


def valid_responses(document, path, method):
    """Yield a response with the example of each body that the operation documents."""
    for status, response in document["paths"][path][method]["responses"].items():
        headers = {}
        for name, header in response.get("headers", {}).items():
            schema = header["schema"]
            headers[name] = str(schema.get("enum", [schema.get("minimum", "text")])[0])
        for media_type, content in response.get("content", {}).items():
            yield SimpleNamespace(
                status_code=int(status),
                content_type=media_type,
                headers=headers,
                body=example(content, document),
            )


def with_data(response):
    """Return a response with the bytes of its body, as the validators read it."""
    body = response.body
    if "json" in response.content_type or not isinstance(body, str):
        body = json.dumps(body)
    return SimpleNamespace(**vars(response), data=body.encode("utf-8", "surrogatepass"))
