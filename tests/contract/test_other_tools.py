"""openapi.yaml is plain OpenAPI: other parsers and a mock server read the same document."""

import json
import subprocess

import pytest

from contract import redocly, reference, repository
from openapi_handler.references import resolve
from tests.examples import operations, valid_event

CONTRACT = repository.read()[0]
PARSERS = {
    # Both follow YAML 1.2. The schemas have JSON's types and no merge keys.
    "yaml": """
        const { parse } = require("yaml");
        const result = parse(text, { version: "1.2", schema: "core", merge: false });
    """,
    "js-yaml": """
        const { load, CORE_SCHEMA } = require("js-yaml");
        const result = load(text, { schema: CORE_SCHEMA });
    """,
}
MOCK_SERVER = """
    const { OpenAPIBackend } = require("openapi-backend");
    const api = new OpenAPIBackend({
      definition: file,
      strict: true, // fail if the document is not valid OpenAPI
      ajvOpts: { logger: false },
      handlers: {
        notFound: () => "not found",
        validationFail: (context) => context.validation.errors,
        notImplemented: ({ api, operation }) => {
          const { status, mock } = api.mockResponseForOperation(operation.operationId);
          const body = operation.responses[status].content ? mock : null;
          const { errors } = api.validateResponse(body, operation, status);
          return { operationId: operation.operationId, status, errors };
        },
      },
    });
    await api.init();
    const answers = await Promise.all(input.map((request) => api.handleRequest(request)));
    const result = { answers, document: api.definition };
"""


def run_node(script, value=None):
    """Run a script that sets `result`, with the packages of contract/redocly."""
    program = f"""
        const {{ readFileSync }} = require("node:fs");
        const [file, value] = process.argv.slice(1);
        const [text, input] = [readFileSync(file, "utf8"), JSON.parse(value)];
        (async () => {{
            {script}
            process.stdout.write(JSON.stringify(result));
        }})();
    """
    arguments = [str(repository.SOURCE), json.dumps(value)]
    result = subprocess.run(
        [redocly.NODE, "--eval", program, *arguments],
        cwd=redocly.HERE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def dereference(node):
    """Return a node of the contract in which schemas replace the references to them."""
    if isinstance(node, list):
        return [dereference(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return dereference(CONTRACT["components"]["schemas"][node["$ref"].rpartition("/")[2]])
    return {key: dereference(value) for key, value in node.items()}


@pytest.fixture(scope="module")
def mock_server():
    """Start openapi-backend with openapi.yaml, and send a valid request to each operation."""
    events = [valid_event(CONTRACT, path, method) for path, method, _ in operations(CONTRACT)]
    requests = [
        {
            "method": event["httpMethod"],
            "path": event["resource"].format(**event["pathParameters"] or {}),
            "query": event["queryStringParameters"] or {},
            "headers": event["headers"],
            "body": event["body"],
        }
        for event in events
    ]
    return run_node(MOCK_SERVER, requests)


@pytest.mark.slow
@pytest.mark.parametrize("parser", PARSERS)
def test_npm_parsers_read_the_same_document(parser):
    """The npm parsers `yaml` and `js-yaml`, without merge keys, read every field as PyYAML does."""
    assert resolve(run_node(PARSERS[parser])) == CONTRACT


@pytest.mark.slow
def test_mock_server_reads_the_same_document(mock_server):
    """A mock server reads each operation, parameter, status, header and property as we do."""
    assert mock_server["document"] == dereference(CONTRACT)


@pytest.mark.slow
def test_mock_server_answers_every_operation(mock_server):
    """A mock server accepts a valid request to each operation and answers with a valid example."""
    answers = mock_server["answers"]
    names = [operation["operationId"] for *_, operation in operations(CONTRACT)]
    assert [answer["operationId"] for answer in answers] == names
    assert all(answer["status"] in (200, 204) and not answer["errors"] for answer in answers), (
        answers
    )


def test_only_references_to_schemas_are_left():
    """The resolved contract contains no reference to a parameter, response or header."""
    text = json.dumps(CONTRACT)
    assert text.count('"$ref"') == text.count('"$ref": "#/components/schemas/') > 0


def test_reference_writes_the_resolved_contract(tmp_path, monkeypatch):
    """`make reference` writes the complete resolved contract as JSON beside the page."""
    monkeypatch.setattr(reference, "PAGE", tmp_path / "reference/index.html")
    monkeypatch.setattr(reference, "RESOLVED", tmp_path / "reference/openapi.json")
    monkeypatch.setattr(reference, "page", lambda _: "")
    reference.main()
    assert json.loads((tmp_path / "reference/openapi.json").read_bytes()) == CONTRACT
