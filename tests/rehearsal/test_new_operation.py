"""Two operations, added by the steps of CONTRIBUTING.md in a copy of this work tree."""

import subprocess

import pytest
import requests

from contract.repository import ROOT
from tests.checkouts import clone_work_tree, git
from tests.local import stack

pytestmark = pytest.mark.slow

NEW_PATHS = """\
  /counters/{counterId}/messages:
    post:
      operationId: createMessage
      x-rate-limit: {rate: 5, burst: 25}
      tags: [counters]
      summary: Send a message
      parameters: [{$ref: "#/components/parameters/CounterId"}]
      requestBody:
        required: true
        content:
          application/json:
            schema: &message
              type: object
              required: [text]
              additionalProperties: false
              properties:
                text: {type: string, minLength: 1, maxLength: 200}
            example: {text: Hello}
      responses: &messageResponses
        "201":
          description: The message was valid. It is not stored.
          headers: *jsonHeaders
          content: {application/json: {schema: *message, example: {text: Hello}}}
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

  /counters/{counterId}/dates:
    get:
      operationId: readDates
      tags: [counters]
      summary: Read the dates of a request
      parameters:
        - {$ref: "#/components/parameters/CounterId"}
        - name: date
          in: query
          required: true
          description: One or more days.
          schema: {type: array, minItems: 1, items: {type: string, format: date}}
          example: ["2026-11-21", "2026-11-22"]
      responses:
        "200":
          description: The dates.
          headers: *jsonHeaders
          content:
            application/json:
              schema:
                type: object
                required: [dates]
                properties: {dates: {type: array, items: {type: string, format: date}}}
              example: {dates: ["2026-11-21", "2026-11-22"]}
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
NEW_FUNCTIONS = """\
@operation
def create_message(request: Request, shared: Shared, table: Table) -> Response:
    find_counter(request, shared, table)
    return Response.json(201, request.json)


@operation
def read_dates(request: Request, shared: Shared, table: Table) -> Response:
    find_counter(request, shared, table)
    return Response.json(200, {"dates": request.query.getlist("date")})


"""
NEW_TESTS = '''

def test_message_is_answered(api):
    """createMessage answers a valid message, and names what is wrong in another one."""
    path = "/counters/resume/messages"
    assert api.request("POST", path, json={"text": "Hi"}).json == {"text": "Hi"}
    refused = problem(api.request("POST", path, json={"txt": "Hi"}), 400, "invalid-request")
    assert "lacks text" in refused["detail"]


def test_dates_are_answered(api):
    """readDates answers all values of a repeated parameter."""
    path = "/counters/resume/dates?date=2026-11-21&date=2026-11-22"
    assert api.get(path).json == {"dates": ["2026-11-21", "2026-11-22"]}
'''
NEW_ROWS = """\
| `createMessage` | `POST /counters/{counterId}/messages` | the message |
| `readDates` | `GET /counters/{counterId}/dates` | the dates |
"""
# Each file of CONTRIBUTING's steps: the text before which, or after which, something is added.
EDITS = {
    "openapi.yaml": ("  /elements/{file}:\n", NEW_PATHS),
    "lambda/visits/operations.py": ("def check_origin(", NEW_FUNCTIONS),
    "README.md": ("\n`visits` counts page views.", NEW_ROWS),
    "CHANGELOG.md": ("\n**One contract.**", "\n- Messages and dates.\n"),
}


@pytest.fixture
def copy(tmp_path):
    folder = clone_work_tree(tmp_path / "copy")
    (folder / ".git" / "info" / "exclude").write_text("node_modules\n")  # here they are links
    for name in ("client", "contract/redocly"):
        (folder / name / "node_modules").symlink_to(ROOT / name / "node_modules")
        (folder / name / "package-lock.json").touch()
        (ROOT / name / "node_modules/installed").touch()
    return folder


def test_operations_are_added_by_the_book(copy):
    """Five files are written by hand, one command generates the others, and all is green."""
    for name, (place, text) in EDITS.items():
        file = copy / name
        before = file.read_text("utf-8")
        assert before.count(place) == 1, name
        file.write_text(before.replace(place, f"{text}{place}"), "utf-8")
    with (copy / "tests/visits/test_operations.py").open("a", encoding="utf-8") as file:
        file.write(NEW_TESTS)
    written = changed(copy)
    assert written == {*EDITS, "tests/visits/test_operations.py"}

    assert "Run make generate" in make(copy, "make lint", fails=True)
    make(copy, "make generate")
    generated = changed(copy) - written
    assert generated == {
        "terraform/generated/openapi.json",
        *(f"client/{name}" for name in ("dist/client.js", "src/generated/api.ts")),
        "client/dist/generated/api.d.ts",
    }
    make(copy, "make lint")
    make(copy, "make test-fast")
    assert "/counters/{counterId}/messages" in make(copy, "make contract-diff BASE=HEAD")

    with stack.running(copy) as running:
        url = f"{running.url}/live/counters/resume"
        answer = requests.post(f"{url}/messages", json={"text": "Hi"}, timeout=60)
        assert (answer.status_code, answer.json()) == (201, {"text": "Hi"})
        dates = {"date": ["2026-11-21", "2026-11-22"]}
        assert requests.get(f"{url}/dates", params=dates, timeout=60).json() == {
            "dates": dates["date"]
        }


def changed(folder):
    """Return the files that differ from the commit."""
    return {line[3:] for line in git(folder, "status", "--porcelain").splitlines()}


def make(folder, command, *, fails=False):
    """Run a command of make, and return what it printed."""
    done = subprocess.run(
        command.split(),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert bool(done.returncode) == fails, f"{command}:\n{done.stdout}"
    return done.stdout
