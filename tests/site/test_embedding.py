"""The README's section "Put it on your page" works as written."""

import re

import pytest
from playwright.sync_api import Browser, expect

from contract.repository import ROOT
from e2e.visitor import WAIT_MILLISECONDS
from local.ministack import free_port
from local.server import files
from tests.client.conftest import AUTOMATED
from tests.conftest import PERSON
from tests.local import stack
from tests.serving import serving

SECTION = (ROOT / "README.md").read_text().split("## Put it on your page")[1].split("\n## ")[0]

pytestmark = pytest.mark.slow


def test_the_lines_of_the_readme_work_in_an_empty_page(tmp_path, browser: Browser):
    """The two lines, served from another origin, show a number that each visit increments."""
    [lines] = re.findall(r"```html\n(.*?)```", SECTION, re.DOTALL)
    [origin] = re.findall(r"ALLOWED_ORIGINS=(\S+) make run", SECTION)
    assert len(lines.splitlines()) == 2
    port = free_port()
    folders = tmp_path / "page", tmp_path / "stack"
    for folder in folders:
        folder.mkdir()
    (folders[0] / "index.html").write_text(lines.replace("8000", str(port)))
    with serving(files(folders[0])) as url:
        allowed = origin.replace("5500", url.rpartition(":")[2])
        with stack.running(stack.checkout(folders[1]), port=port, ALLOWED_ORIGINS=allowed):
            page = browser.new_page(user_agent=PERSON)
            page.set_default_timeout(WAIT_MILLISECONDS)
            page.add_init_script(AUTOMATED % "false")
            for number in ("1", "2"):
                page.goto(f"{url}/")
                expect(page.locator("body")).to_match_aria_snapshot(f'- status: "Visits: {number}"')
            page.close()


@pytest.mark.parametrize("source", ["README.md", "client/README.md", "terraform/outputs.tf"])
def test_texts_are_in_attributes(source):
    """Where a script does not load, the lines to paste show no text without its number."""
    elements = re.findall(r"<visitor-\w+ [^>]+>(.*)</visitor-", (ROOT / source).read_text())
    assert set(elements) == {""}
