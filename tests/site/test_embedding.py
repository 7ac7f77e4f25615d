"""README's "Put it on your page", done as it says."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from local.ministack import free_port
from local.server import files
from local.serving import serving
from tests.client.conftest import AUTOMATED
from tests.conftest import PERSON
from tests.local import stack

SECTION = Path("README.md").read_text().split("## Put it on your page")[1].split("\n## ")[0]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[str]:
    """The URL of a server of an empty folder, at another port than the stack's."""
    with serving(files(tmp_path)) as url:
        yield url


def test_the_lines_work_in_an_empty_page(tmp_path, tmp_path_factory, elsewhere, browser: Browser):
    """README's two lines, alone in a file that another server has, count and show a visit."""
    [lines] = re.findall(r"```html\n(.*?)```", SECTION, re.DOTALL)
    [origin] = re.findall(r"ALLOWED_ORIGINS=(\S+) make run", SECTION)
    assert len(lines.splitlines()) == 2
    port = free_port()
    (tmp_path / "index.html").write_text(lines.replace("8000", str(port)))
    allowed = origin.replace("5500", elsewhere.rpartition(":")[2])
    folder = stack.checkout(tmp_path_factory.mktemp("stack"))
    with stack.running(folder, port=port, ALLOWED_ORIGINS=allowed):
        page = browser.new_page(user_agent=PERSON)
        page.add_init_script(AUTOMATED % "false")
        for number in ("1", "2"):
            page.goto(f"{elsewhere}/")
            expect(page.locator("body")).to_match_aria_snapshot(f"- status: Visits {number}")
        page.close()
