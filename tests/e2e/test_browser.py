"""`make browser` installs a browser and continues an interrupted installation."""

import subprocess
from contextlib import nullcontext

import pytest

from e2e import browser


def test_an_interrupted_installation_is_repaired(tmp_path, monkeypatch):
    """Commands run until the browser starts, and no longer; if none helps, that is an error."""
    path = tmp_path / "chromium"
    path.write_text("#!/bin/sh\nexit 127\n")
    path.chmod(0o755)
    monkeypatch.setattr(browser, "chromium", lambda _playwright: str(path))
    monkeypatch.setattr(browser, "sync_playwright", nullcontext)
    monkeypatch.setattr(browser, "INSTALL", (["false"], ["no-such-command"]))
    with pytest.raises(SystemExit, match="CHROMIUM_PATH"):
        browser.install()
    repair = ["sh", "-c", f"printf '#!/bin/sh\\n' > {path}"]
    monkeypatch.setattr(browser, "INSTALL", (["false"], repair, ["rm", str(path)]))
    browser.install()
    assert subprocess.run([path], check=False).returncode == 0
