"""The README's section "Put it on your page" works as written."""

import re

import pytest
import requests
from playwright.sync_api import Browser, expect

from contract.repository import ROOT
from e2e.visitor import WAIT_MILLISECONDS, Site
from local.server import files
from tests.client.conftest import AUTOMATED
from tests.conftest import PERSON
from tests.serving import serving


@pytest.mark.slow
def test_the_lines_of_the_readme_work_in_an_empty_page(
    tmp_path, browser: Browser, healthy_site: Site
):
    """The two lines, served from another origin, show a number that each visit increments."""
    [lines] = re.findall(r"```html\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert len(lines.splitlines()) == 2
    api = healthy_site.url.rstrip("/")
    (tmp_path / "index.html").write_text(lines.replace("http://127.0.0.1:8000", api))
    before = requests.get(f"{api}/live/counters/resume", timeout=60).json()["visits"]
    with serving(files(tmp_path)) as url:
        page = browser.new_page(user_agent=PERSON)
        page.set_default_timeout(WAIT_MILLISECONDS)
        page.add_init_script(AUTOMATED % "false")
        for number in (before + 1, before + 2):
            page.goto(f"{url}/")
            shown = f'- status: "Visits: {number:,}"'
            expect(page.locator("body")).to_match_aria_snapshot(shown)
        page.close()
