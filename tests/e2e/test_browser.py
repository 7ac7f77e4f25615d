"""`make browser` installs a browser and continues an interrupted installation."""

import subprocess
import sys
from contextlib import nullcontext

import pytest

from e2e import browser


@pytest.fixture
def path(tmp_path, monkeypatch):
    """The path of a browser that does not start: its installation was interrupted."""
    path = tmp_path / "chromium"
    path.write_text("#!/bin/sh\nexit 127\n")
    path.chmod(0o755)
    monkeypatch.setattr(browser, "chromium", lambda _playwright: str(path))
    monkeypatch.setattr(browser, "sync_playwright", nullcontext)
    monkeypatch.setattr(sys, "argv", ["browser"])
    return path


def test_an_interrupted_installation_is_repaired(path, monkeypatch):
    """Commands run until the browser starts, and no longer."""
    repair = ["sh", "-c", f"printf '#!/bin/sh\\n' > {path}"]
    monkeypatch.setattr(browser, "INSTALL", (["false"], repair, ["rm", str(path)]))
    browser.main()
    assert subprocess.run([path], check=False).returncode == 0


def test_a_browser_that_does_not_start_is_an_error(path, monkeypatch):
    """Without a working browser the command fails and names CHROMIUM_PATH."""
    monkeypatch.setattr(browser, "INSTALL", (["false"], ["no-such-command"]))
    with pytest.raises(SystemExit, match="CHROMIUM_PATH"):
        browser.main()
