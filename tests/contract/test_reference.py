"""The API reference, in a browser."""

import pytest

from contract import reference, repository

OPERATIONS = [
    operation for item in repository.read()[0]["paths"].values() for operation in item.values()
]
PHONE = {"width": 390, "height": 844}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def html():
    return reference.page(repository.read()[0])


@pytest.fixture
def opened(page, html, tmp_path):
    """Open the page, and record its requests, errors and warnings."""
    page.requests, page.errors = [], []
    page.on("request", lambda request: page.requests.append(request.url))
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on(
        "console",
        lambda message: (
            page.errors.append(message.text) if message.type in ("error", "warning") else None
        ),
    )
    file = tmp_path / "index.html"
    file.write_text(html, "utf-8")
    page.goto(file.as_uri())
    page.get_by_text("Redoc").first.wait_for()
    return page


def test_menu_leads_to_every_operation(opened):
    """Each operation is in the menu, with a link to its section."""
    for operation in OPERATIONS:
        link = opened.locator(f"a[href$='/{operation['operationId'].lower()}']").first
        assert operation["summary"] in link.inner_text()
        link.click()
        opened.get_by_role("heading", name=operation["summary"]).wait_for()


def test_page_sends_no_requests(opened):
    """Opening, scrolling and searching the page sends no request and causes no error."""
    opened.mouse.wheel(0, 20_000)
    opened.get_by_text("Search").first.click()
    opened.keyboard.type("history")
    opened.get_by_text("Read the last days").last.wait_for()
    opened.wait_for_timeout(1000)  # telemetry is sent late
    assert not [url for url in opened.requests if not url.startswith(("file:", "data:", "blob:"))]
    assert opened.errors == []


def test_page_fits_a_phone(opened):
    """On a phone the page shows the first operation and is not wider than the screen."""
    opened.set_viewport_size(PHONE)
    opened.get_by_role("heading", name=OPERATIONS[0]["summary"]).wait_for()
    assert opened.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_page_contains_only_what_clients_need(html):
    """The page has a policy that forbids all requests, an icon and a title. It has no telemetry,
    no extensions and no generated methods, and two builds are equal."""
    for part in ("x-amazon-apigateway-integration", "x-generated-methods", "CORS preflight"):
        assert part not in html
    assert "default-src 'none'" in html
    assert '<link rel="icon" href="data:image/svg+xml,%3Csvg' in html
    assert "<title>Visitor counter: API reference</title>" in html
    assert '"disableTelemetry":true' in html
    assert reference.page(repository.read()[0]) == html
