"""The API reference, opened as people do."""

import pytest

from contract import reference
from visits import contract

OPERATIONS = [
    operation
    for item in contract.read()[0]["paths"].values()
    for operation in item.values()
    if "preflights" not in operation.get("tags", ["preflights"])
]
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def html():
    return reference.page(contract.read()[0])


@pytest.fixture
def opened(page, html, tmp_path):
    """The page, with what it asked for and what it complained about."""
    page.requests, page.complaints = [], []
    page.on("request", lambda request: page.requests.append(request.url))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on(
        "console",
        lambda said: page.complaints.append(said.text) if said.type in ("error", "warning") else 0,
    )
    file = tmp_path / "index.html"
    file.write_text(html, "utf-8")
    page.goto(file.as_uri())
    page.get_by_text("Redoc").first.wait_for()
    return page


def test_every_operation_is_there(opened):
    """Each operation has its name in the menu, which leads to what the contract says of it."""
    for operation in OPERATIONS:
        link = opened.locator(f"a[href$='/{operation['operationId'].lower()}']").first
        assert operation["summary"] in link.inner_text()
        link.click()
        opened.get_by_role("heading", name=operation["summary"]).wait_for()


def test_the_page_asks_nobody(opened):
    """Opening, reading and searching the page asks no other host, and nothing goes wrong."""
    opened.mouse.wheel(0, 20_000)
    opened.get_by_text("Search").first.click()
    opened.keyboard.type("history")
    opened.get_by_text("Read the last days").last.wait_for()
    opened.wait_for_timeout(1000)  # telemetry, if there were any, comes late
    assert not [url for url in opened.requests if not url.startswith(("file:", "data:", "blob:"))]
    assert opened.complaints == []


def test_it_fits_a_phone(opened):
    """On a phone nothing is wider than the screen, and the first operation is there."""
    opened.set_viewport_size(PHONE)
    opened.get_by_role("heading", name=OPERATIONS[0]["summary"]).wait_for()
    assert opened.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_it_is_for_clients(html):
    """What only API Gateway reads is not on the page, and neither is a preflight."""
    assert "x-amazon-apigateway-integration" not in html
    assert "CORS preflight" not in html


def test_a_browser_holds_it_to_that(html):
    """The page's policy lets it load nothing, and it has an icon and a title of its own."""
    assert "default-src 'none'" in html
    assert '<link rel="icon" href="data:image/svg+xml,%3Csvg' in html
    assert "<title>Visitor counter: API reference</title>" in html
    assert '"disableTelemetry":true' in html


def test_the_same_contract_makes_the_same_bytes(html):
    """Two builds are the same, so that a change of the page is one of the contract."""
    assert reference.page(contract.read()[0]) == html
