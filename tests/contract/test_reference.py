"""The API reference, in a browser."""

import json

import pytest

from contract import reference, repository

OPERATIONS = [
    operation for item in repository.read()[0]["paths"].values() for operation in item.values()
]
LOUD = {"error", "warning"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder that `make reference` writes."""
    folder = tmp_path_factory.mktemp("reference") / "build"
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(reference, "PAGE", folder / "index.html")
        monkeypatch.setattr(reference, "RESOLVED", folder / "openapi.json")
        reference.main()
    return folder


def test_page_leads_to_every_operation_and_sends_no_requests(page, built):
    """The menu leads to each operation. The page sends no request and causes no error or warning,
    also while it is scrolled and searched."""
    requests, errors = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda message: errors.append(message.text) if message.type in LOUD else None,
    )
    page.goto((built / "index.html").as_uri())
    page.get_by_text("Redoc").first.wait_for()
    for operation in OPERATIONS:
        link = page.locator(f"a[href$='/{operation['operationId'].lower()}']").first
        assert operation["summary"] in link.inner_text()
        link.click()
        page.get_by_role("heading", name=operation["summary"]).wait_for()
    page.mouse.wheel(0, 20_000)
    page.get_by_text("Search").first.click()
    page.keyboard.type("history")
    page.get_by_text("Read the last days").last.wait_for()
    page.wait_for_timeout(1000)  # telemetry is sent late
    assert not [url for url in requests if not url.startswith(("file:", "data:", "blob:"))]
    assert errors == []


def test_page_contains_only_what_clients_need(built):
    """The page has a policy that forbids all requests, and neither extensions nor generated
    methods. openapi.json is the complete contract."""
    html = (built / "index.html").read_text("utf-8")
    for part in ("x-amazon-apigateway-integration", "x-generated-methods", "CORS preflight"):
        assert part not in html
    assert "default-src 'none'" in html
    assert json.loads((built / "openapi.json").read_bytes()) == repository.read()[0]
