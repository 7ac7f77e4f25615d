"""A browser for the tests: Playwright's own, else the system's, else one is installed."""

import os
import shutil
import subprocess
import sys

from playwright.sync_api import sync_playwright

SYSTEM = ("chromium", "chromium-browser", "google-chrome")
INSTALL = (
    [sys.executable, "-m", "playwright", "install", "chromium"],
    ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"],
)


def chromium() -> str | None:
    """Where Chromium is; CHROMIUM_PATH names another one."""
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    candidates = (os.environ.get("CHROMIUM_PATH"), own, *map(shutil.which, SYSTEM))
    return next((path for path in candidates if path and os.access(path, os.X_OK)), None)


def quiet() -> list[str]:
    """Arguments that keep Chromium on this machine.

    Debian's looks up its maker's hosts at every start, and no test of ours is beyond loopback,
    unless it watches a live site.
    """
    only_here = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
    return [] if "SITE_URL" in os.environ else [only_here]


def installed() -> str:
    """Arguments for pytest: Chromium, and what else of Playwright's browsers is here."""
    with sync_playwright() as playwright:
        others = (playwright.firefox, playwright.webkit)
        here = [each.name for each in others if os.access(each.executable_path, os.X_OK)]
    return " ".join(f"--browser {name}" for name in ("chromium", *here))


def main() -> None:
    if "--installed" in sys.argv:
        print(installed())
        return
    for command in INSTALL:
        if chromium():
            return
        print(f"No browser yet: {' '.join(command)}", flush=True)
        subprocess.run(command, check=False)
    if not chromium():
        sys.exit(
            "There is no browser for the tests, and neither Playwright nor apt-get could install "
            "one. Install Chromium, or name it: CHROMIUM_PATH=/path/to/chromium make test"
        )


if __name__ == "__main__":
    main()
