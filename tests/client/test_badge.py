"""The badge in a real browser."""

from itertools import product

import pytest
from playwright.sync_api import Page, expect
from werkzeug.wrappers import Request, Response

from tests.serving import serving
from visits import badge

pytestmark = pytest.mark.slow
LABELS = ("visits", "W i d e  @", "\u8a2a\u554f\u8005", "\N{EYES} views", 64 * "m", 32 * "i")
OVERFLOWS = """() => {
    const [clip, left, right] = document.querySelectorAll("rect");
    const beyond = (text, part) => {
        const [inner, outer] = [text, part].map(each => each.getBoundingClientRect());
        return inner.left < outer.left || inner.right > outer.right || inner.top < outer.top
            || inner.bottom > outer.bottom;
    };
    return [...document.querySelectorAll("text:not([fill-opacity])")].filter((text, number) =>
        beyond(text, [left, right][number])).map(text => text.textContent);
}"""
SHORTEN = "numbers => numbers.map(number => number.toLocaleString('en', {notation: 'compact'}))"


@pytest.mark.parametrize("style", badge.STYLES)
def test_texts_stay_in_their_parts(page: Page, style):
    """No text is wider than its part of the badge, even in a font with other widths."""
    for font in ("inherit", "monospace"):
        for label, value in product(LABELS, ("7", "123,456,789")):
            css = f"<style>g {{font-family: {font}}}</style>"
            page.set_content(css + badge.render(label, value, "blue", style))
            assert page.evaluate(OVERFLOWS) == [], (font, label, value)


def test_numbers_are_shortened_as_by_the_element(page: Page):
    """A compact number is the one that `compact` of the element shows in English."""
    powers = [10**power + more for power in range(13) for more in (-1, 0)]
    numbers = [*powers, 1049, 1050, 1250, 9949, 9950, 12345, 12500, 99499, 99500, 999499, 999500]
    assert [badge.shorten(number) for number in numbers] == page.evaluate(SHORTEN, numbers)


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
