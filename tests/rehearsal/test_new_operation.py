"""An operation, added by the steps of CONTRIBUTING.md in a copy of this work tree."""

import shlex
import subprocess

import pytest
import requests

from contract.repository import ROOT
from tests.checkouts import clone_work_tree, git
from tests.local import stack

pytestmark = pytest.mark.slow
PYTHON = ".venv/bin/python"

NEW_PATH = """\
  /counters/{counterId}/messages:
    post:
      operationId: createMessage
      x-rate-limit: {rate: 5, burst: 25}
      tags: [counters]
      summary: Send a message
      parameters:
        - {$ref: "#/components/parameters/CounterId"}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [text]
              additionalProperties: false
              properties: {text: {type: string, minLength: 1, maxLength: 200}}
            example: {text: Hello}
      responses:
        "201":
          description: The message was valid. It is not stored.
          headers: *jsonHeaders
          content:
            application/json:
              schema:
                type: object
                required: [text]
                properties: {text: {type: string}}
              example: {text: Hello}
        "400": {$ref: "#/components/responses/BadRequest"}
        "403": {$ref: "#/components/responses/Forbidden"}
        "404": {$ref: "#/components/responses/UnknownCounter"}
        "413": {$ref: "#/components/responses/RequestTooLarge"}
        "429": {$ref: "#/components/responses/TooManyRequests"}
        "500": {$ref: "#/components/responses/InternalError"}
        "502": {$ref: "#/components/responses/BadGateway"}
        "503": {$ref: "#/components/responses/ServiceUnavailable"}
        "504": {$ref: "#/components/responses/GatewayTimeout"}
      x-amazon-apigateway-integration: *lambda

"""
NEW_FUNCTION = """\
@operation
def create_message(request: Request, shared: Shared, table: Table) -> Response:
    find_counter(request, shared, table)
    return Response.json(201, request.json)


"""
NEW_TEST = '''

def test_message_is_answered(api):
    """createMessage answers a valid message, and names what is wrong in another one."""
    path = "/counters/resume/messages"
    assert api.request("POST", path, json={"text": "Hi"}).json == {"text": "Hi"}
    refused = problem(api.request("POST", path, json={"txt": "Hi"}), 400, "invalid-request")
    assert "lacks text" in refused["detail"]
'''
NEW_ROW = "| `createMessage` | `POST /counters/{counterId}/messages` | the message |\n"
# The tests of `make test-fast` that read the list of operations or the documents.
TESTS = (
    "tests/contract/test_generation.py tests/local/gateway/test_documented.py "
    "tests/test_repository.py tests/visits/test_contract.py tests/visits/test_operations.py"
)
# Each file of CONTRIBUTING's steps: the text before which, or after which, something is added.
EDITS = {
    "openapi.yaml": ("  /elements/{file}:\n", NEW_PATH),
    "lambda/visits/operations.py": ("def check_origin(", NEW_FUNCTION),
    "README.md": ("\n`visits` counts page views.", NEW_ROW),
    "CHANGELOG.md": ("\n**One contract.**", "\n- Messages.\n"),
}


@pytest.fixture
def copy(tmp_path):
    folder = clone_work_tree(tmp_path / "copy")
    (folder / ".git" / "info" / "exclude").write_text("node_modules\n")  # here it is a link
    (folder / "client" / "node_modules").symlink_to(ROOT / "client" / "node_modules")
    (folder / "client" / "package-lock.json").touch()
    (ROOT / "client" / "node_modules" / "installed").touch()
    return folder


def test_an_operation_is_added_by_the_book(copy):
    """Five files are written by hand, one command generates the others, and all is green."""
    for name, (place, text) in EDITS.items():
        file = copy / name
        before = file.read_text("utf-8")
        assert before.count(place) == 1, name
        file.write_text(before.replace(place, f"{text}{place}"), "utf-8")
    with (copy / "tests/visits/test_operations.py").open("a", encoding="utf-8") as file:
        file.write(NEW_TEST)
    written = changed(copy)
    assert written == {*EDITS, "tests/visits/test_operations.py"}

    stale = call(copy, f"{PYTHON} -m contract.generation --check", fails=True)
    assert "Run make generate" in stale
    call(copy, "make generate")
    generated = changed(copy) - written
    assert generated == {
        "terraform/generated/openapi.json",
        *(f"client/{name}" for name in ("dist/client.js", "src/generated/api.ts")),
        "client/dist/generated/api.d.ts",
    }
    call(copy, "make lint")
    call(copy, f"{PYTHON} -m pytest --quiet -m 'not slow' {TESTS}")

    with stack.running(copy) as running:
        url = f"{running.url}/live/counters/resume/messages"
        answer = requests.post(url, json={"text": "Hi"}, timeout=60)
        assert (answer.status_code, answer.json()) == (201, {"text": "Hi"})


def changed(folder):
    """Return the files that differ from the commit."""
    return {line[3:] for line in git(folder, "status", "--porcelain").splitlines()}


def call(folder, command, *, fails=False):
    """Run a command, and return what it printed."""
    done = subprocess.run(
        shlex.split(command),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert bool(done.returncode) == fails, f"{command}:\n{done.stdout}"
    return done.stdout
