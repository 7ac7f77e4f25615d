"""openapi.yaml: what it promises, and that the code keeps to it."""

import json
import re
from collections import defaultdict
from dataclasses import replace

from openapi_core import Config, OpenAPI
from openapi_spec_validator import validate

from openapi_handler.contract import KNOWN_VALUES
from openapi_handler.messages import Response
from openapi_handler.problems import STATUSES, Problem
from openapi_handler.validators import MEDIA_TYPES
from tests.visits.messages import COUNTER, UNAVAILABLE, VISITS, request_of
from visits.handler import PROBLEM_TYPES
from visits.operations import OPERATIONS

ALL_TYPES = {**STATUSES, **PROBLEM_TYPES.statuses}
EXPOSE = "Access-Control-Expose-Headers"
SAFELISTED = {
    "Cache-Control",
    "Content-Type",
}  # https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name
FOR_THE_BROWSER = {
    "Content-Security-Policy",
    "Cross-Origin-Resource-Policy",
    "X-Content-Type-Options",
}
FOR_MOCKS, FOR_FUNCTION = {"415"}, {"502", "503", "504"}
VERBS = {"get", "post", "put", "patch", "delete", "options", "head"}


def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def test_contract_is_valid_openapi(document):
    """openapi.yaml is a valid OpenAPI 3.0.3 document."""
    assert document["openapi"] == "3.0.3"
    validate(document)


def test_every_method_has_a_name_for_clients(document):
    """Every operation that a client can call has its own operationId of one verb and one noun."""
    callable_ = [each for each in operations(document) if each[1] in VERBS]
    names = [operation["operationId"] for _, _, operation in callable_]
    assert len(set(names)) == len(callable_)
    assert all(re.fullmatch("(read|record|preflight)[A-Z][a-z]+", name) for name in names)


def test_preflights_are_named_after_their_path(document):
    """The operationId of a preflight has the noun of another operation, or the last segment."""
    for path, item in document["paths"].items():
        nouns = {re.match("{?([a-z]+)", path.rpartition("/")[2])[1].capitalize()}
        names = [item[method]["operationId"] for method in item if method in VERBS - {"options"}]
        nouns |= {re.sub("^[a-z]+", "", name) for name in names}
        assert item["options"]["operationId"].removeprefix("preflight") in nouns


def test_browsers_headers_are_no_parameters(document):
    """No parameter is a header, because a browser drops or overwrites those that matter here."""
    parameters = [
        each for *_, operation in operations(document) for each in operation.get("parameters", [])
    ]
    assert {each["in"] for each in parameters} == {"path", "query"}


def test_code_and_contract_have_the_same_operations(document):
    """The function implements exactly the operations that the gateway sends to it."""
    proxied = {
        operation["operationId"]
        for _, _, operation in operations(document)
        if operation["x-amazon-apigateway-integration"]["type"] == "aws_proxy"
    }
    assert proxied == set(OPERATIONS)


def test_every_path_answers_preflights_and_refuses_other_methods(document):
    """Each path has OPTIONS, and a catch-all method whose Allow header names the others."""
    for path, item in document["paths"].items():
        verbs = {method.upper() for method in item if method in VERBS}
        mock = item["x-amazon-apigateway-any-method"]["x-amazon-apigateway-integration"]
        headers = mock["responses"]["default"]["responseParameters"]
        allowed = headers["method.response.header.Allow"].strip("'").split(", ")
        assert set(allowed) == verbs, path


def test_shared_parts_are_equal_everywhere(document):
    """Errors, headers, parameters and integrations of one kind are equal in all operations."""
    parts = defaultdict(list)
    for _, method, operation in operations(document):
        integration = operation["x-amazon-apigateway-integration"]
        kind = integration["type"], method in VERBS
        without_methods = re.sub(r"(Allow\": \"')[^']+", r"\1", json.dumps(integration))
        parts[kind].append(without_methods)
        for status, response in operation["responses"].items():
            if int(status) >= 400 or "mock" in kind:
                parts[status].append(response)
            for name, header in response["headers"].items():
                parts[name, *response.get("content", ())].append(header)
        for parameter in operation.get("parameters", []):
            parts[parameter["name"], *kind].append(parameter)
    assert [name for name, found in parts.items() if any(each != found[0] for each in found)] == []


def test_every_header_is_required_and_has_a_type(document):
    """Clients can rely on every documented header. Headers and parameters have a type."""
    for *_, operation in operations(document):
        for parameter in operation.get("parameters", []):
            assert parameter["schema"]["type"], parameter["name"]
        for response in operation["responses"].values():
            for name, header in response["headers"].items():
                if name != "Content-Type":  # OpenAPI ignores it
                    assert header["required"], name
                    assert header["schema"]["type"], name


def test_every_operation_documents_the_errors_that_occur(document):
    """Every operation documents exactly the errors that the gateway and the function can return."""
    statuses = {
        response["statusCode"]
        for response in document["x-amazon-apigateway-gateway-responses"].values()
        if "statusCode" in response
    }
    everywhere = {"400", "403", "413", "429", "500"}
    assert statuses <= everywhere | FOR_MOCKS | FOR_FUNCTION | {"404"}  # 404: no such path
    for path, method, operation in operations(document):
        mock = operation["x-amazon-apigateway-integration"]["type"] == "mock"
        expected = everywhere | (FOR_MOCKS if mock else FOR_FUNCTION)
        expected |= {"405"} if method not in VERBS else set()
        expected |= {"404"} if "{counterId}" in path and not mock else set()
        errors = {status for status in operation["responses"] if int(status) >= 400}
        assert errors == expected, (path, method)


def test_every_error_is_a_problem(document):
    """Every error has the media type of a problem, except for 413, which AWS defines."""
    for path, method, operation in operations(document):
        for status, response in operation["responses"].items():
            if int(status) >= 400 and status != "413":
                assert set(response["content"]) == {"application/problem+json"}, (path, method)


def test_generators_get_images_as_binary(document):
    """A body that is no JSON has the format binary. With a text, generated clients fail."""
    schemas = document["components"]["schemas"]
    for *_, operation in operations(document):
        for response in operation["responses"].values():
            for media_type, content in response.get("content", {}).items():
                if not media_type.endswith("json"):
                    name = content["schema"]["$ref"].rpartition("/")[2]
                    assert schemas[name]["format"] == "binary"


def test_browsers_must_not_guess_the_media_type_of_any_response(document):
    """All responses but 413 have nosniff: those of the function, the mocks and the gateway."""
    header = "X-Content-Type-Options"
    for path, method, operation in operations(document):
        for status, response in operation["responses"].items():
            if status != "413":
                documented = response["headers"][header]
                assert documented["required"], (path, method)
                assert documented["schema"]["enum"] == ["nosniff"], (path, method)
        for response in operation["x-amazon-apigateway-integration"].get("responses", {}).values():
            assert response["responseParameters"][f"method.response.header.{header}"] == "'nosniff'"
    for response in document["x-amazon-apigateway-gateway-responses"].values():
        assert response["responseParameters"][f"gatewayresponse.header.{header}"] == "'nosniff'"


def test_pages_of_other_origins_can_read_every_documented_header(document):
    """All responses but 413 have CORS headers, which expose the headers that browsers hide."""
    responses = [
        response
        for *_, operation in operations(document)
        for status, response in operation["responses"].items()
        if status != "413"
    ]
    for response in responses:
        assert {"Access-Control-Allow-Origin", EXPOSE} <= set(response["headers"])
    documented = {name for response in responses for name in response["headers"]}
    of_scripts = documented - SAFELISTED - FOR_THE_BROWSER
    hidden = {name for name in of_scripts if not name.startswith("Access-Control-")}
    exposed = Response.json(200, {}).headers[EXPOSE]
    assert set(exposed.split(", ")) == hidden
    gateway = document["x-amazon-apigateway-gateway-responses"].values()
    integrations = [each["x-amazon-apigateway-integration"] for *_, each in operations(document)]
    mocks = [each["responses"]["default"] for each in integrations if each["type"] == "mock"]
    for answer in [*gateway, *mocks]:
        [constant] = [
            value for name, value in answer["responseParameters"].items() if name.endswith(EXPOSE)
        ]
        assert constant == f"'{exposed}'"


def test_problem_types_of_contract_and_code_are_the_same(document):
    """The contract lists exactly the problem types that the function or the gateway returns."""
    declared = set(document[KNOWN_VALUES]["Problem"]["type"])
    function = {f"urn:problem-type:visits:{name}" for name in ALL_TYPES}
    gateway = set(
        re.findall(
            r"urn:problem-type:visits:[a-z-]+",
            json.dumps([document["x-amazon-apigateway-gateway-responses"], document["paths"]]),
        )
    )
    assert function | gateway == declared


def test_descriptions_list_the_known_values(document):
    """The description of a property names each of its known values, and no other."""
    for name, properties in document[KNOWN_VALUES].items():
        for field, values in properties.items():
            schema = document["components"]["schemas"][name]["properties"][field]
            named = set(re.findall(r"`([a-z-]+)`", schema["description"]))
            assert named == {value.rpartition(":")[2] for value in values}


def test_clients_accept_what_a_later_version_adds(document):
    """A client that validates responses accepts new properties, problem types and reasons."""
    client = OpenAPI.from_dict(document, Config(extra_media_type_deserializers=MEDIA_TYPES))
    later = {"later": {"more": 1}}
    today = COUNTER["today"] | later
    receipt = COUNTER | later | {"today": today, "counted": False, "reason": "later"}
    client.validate_response(request_of("post", VISITS), Response.json(200, receipt))
    answer = replace(UNAVAILABLE)
    answer.body = json.dumps(json.loads(answer.body) | later).replace("store-un", "later-un")
    client.validate_response(request_of("post", VISITS), answer)


def test_function_and_gateway_use_the_same_titles(document):
    """A problem type that both return has the same title."""
    answers = document["x-amazon-apigateway-gateway-responses"].values()
    templates = [answer["responseTemplates"]["application/json"] for answer in answers]
    gateway = [json.loads(each.replace("$context.error.messageString", '""')) for each in templates]
    titles = {each["type"]: each["title"] for each in gateway}
    problems = [PROBLEM_TYPES.response(Problem(name, "")) for name in ALL_TYPES]
    ours = [json.loads(answer.body) for answer in problems]
    shared = [each for each in ours if each["type"] in titles]
    assert len(shared) == 2
    assert [each["title"] for each in shared] == [titles[each["type"]] for each in shared]


def test_examples_are_valid(document):
    """The examples of responses match their schemas."""
    api = OpenAPI.from_dict(document)
    shown = 0
    for path, method, operation in operations(document):
        for status, response in operation["responses"].items():
            for example in (
                response.get("content", {}).get("application/json", {}).get("examples", {}).values()
            ):
                request = request_of(method, path)
                headers = {
                    name: "no-store" if name.startswith("C") else "*"
                    for name in response["headers"]
                }
                answer = Response.json(int(status), example["value"])
                assert set(headers) <= set(answer.headers)
                api.validate_response(request, answer)
                shown += 1
    assert shown == 5
