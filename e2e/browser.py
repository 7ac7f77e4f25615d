"""Finds a browser for the tests, or installs Chromium with Playwright or apt."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Playwright, sync_playwright

SYSTEM = ("chromium", "chromium-browser", "google-chrome")
INSTALL = (
    [sys.executable, "-m", "playwright", "install", "chromium"],
    ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"],
)
NO_BROWSER = (
    "There is no working browser for the tests, and neither Playwright nor apt-get could install "
    "one. Install Chromium, or set its path: CHROMIUM_PATH=/path/to/chromium make test"
)


def chromium(playwright: Playwright) -> str | None:
    """Return the path of CHROMIUM_PATH, Playwright's Chromium or the system's, in this order."""
    own = Path(playwright.chromium.executable_path)
    complete = any((folder / "INSTALLATION_COMPLETE").exists() for folder in own.parents)
    paths = os.environ.get("CHROMIUM_PATH"), own if complete else None, *map(shutil.which, SYSTEM)
    return next((str(path) for path in paths if path and os.access(path, os.X_OK)), None)


def works() -> bool:
    """Return whether there is a Chromium that starts; an incomplete installation does not."""
    with sync_playwright() as playwright:
        path = chromium(playwright)
    command = [path, "--version"] if path else ["false"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def arguments() -> list[str]:
    """Return arguments that keep Chromium on this machine, unless it watches a live site.

    Debian's Chromium looks up hosts of its vendors at every start. A page that the suite loads from
    a folder may call an API on this machine, which Chromium forbids to pages of other hosts.
    """
    if "SITE_FOLDER" in os.environ:
        return ["--disable-features=LocalNetworkAccessChecks"]
    only_here = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
    return [] if "SITE_URL" in os.environ else [only_here]


def installed() -> str:
    """Return pytest arguments for Chromium and for Playwright's other browsers found here."""
    with sync_playwright() as playwright:
        others = (playwright.firefox, playwright.webkit)
        found = [other.name for other in others if os.access(other.executable_path, os.X_OK)]
    return " ".join(f"--browser {name}" for name in ("chromium", *found))


def install() -> None:
    """Run one command after the other until there is a browser that works."""
    for command in INSTALL:
        if works():
            return
        print(f"No working browser yet. Running: {' '.join(command)}", flush=True)
        if shutil.which(command[0]):
            subprocess.run(command, check=False)
    if not works():
        sys.exit(NO_BROWSER)


if __name__ == "__main__":
    print(installed()) if "--installed" in sys.argv else install()
