"""The badge in a real browser."""

import pytest
from playwright.sync_api import Page, expect
from werkzeug.wrappers import Request, Response

from tests.serving import serving
from visits import badge


@pytest.mark.slow
def test_isolated_pages_show_it_and_it_runs_no_script(page: Page):
    """A page that admits only resources which agree shows the badge. Opened itself, an image with
    the badge's headers runs no script, if one ever got into it."""
    svg = """<svg xmlns="http://www.w3.org/2000/svg" width="80" height="20">
        <script>document.documentElement.setAttribute("width", "1")</script></svg>"""

    @Request.application
    def serve(request: Request) -> Response:
        if request.path == "/badge.svg":
            return Response(svg, headers=badge.HEADERS, content_type="image/svg+xml")
        image = f'<img src="http://localhost:{request.host.split(":")[1]}/badge.svg" alt="Visits">'
        isolated = {"Cross-Origin-Embedder-Policy": "require-corp"}
        return Response(image, headers=isolated, content_type="text/html")

    with serving(serve) as url:
        page.goto(url)
        expect(page.get_by_alt_text("Visits")).to_have_css("width", "80px")
        page.goto(f"{url}/badge.svg")
        expect(page.locator("svg")).to_have_attribute("width", "80")
        page.goto("about:blank")  # closes the connection
