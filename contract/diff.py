"""`make contract-diff BASE=origin/main`: list the changes of openapi.yaml and check its version.

The version follows https://semver.org: a breaking change needs a new major version, an addition a
new minor version, any other change a new patch version. The summary is Markdown, for pull requests.
"""

import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import yaml

from contract.changes import Change, changes
from contract.command import CommandError
from contract.generation import expand

CONTRACT, SUMMARY = "openapi.yaml", Path("build/contract-diff.md")
SECTIONS = {"major": "Breaking", "minor": "Compatible", "patch": "Editorial"}
MAX_PLACES = 3  # per line of the summary

NO_BASE = "Set BASE to the revision to compare with: make contract-diff BASE=origin/main"
NO_REVISION = (
    "Git does not find the revision {!r}. Fetch it (git fetch origin main), or set BASE to another."
)
NO_OPENAPI = "{} is not OpenAPI, or info.version or paths is missing: {!r}"
NO_SEMVER = "{} has the version {!r}. Use three numbers, such as 1.0.0 (https://semver.org)."
NO_CHANGES = "There are no changes."
NEW_CONTRACT = "The contract is new: {} does not contain it.\n"
NO_RELEASE = "\nNo release has a tag (v*) yet, so this does not fail."
TOO_LOW = (
    "**The version is {}. It must be {} or higher.** "
    "Change it in `openapi.yaml` and `CHANGELOG.md`, and run `make generate`."
)


def main() -> None:
    """Print the summary and write it to build/ and to GitHub's page. Exit with 1 on a failure."""
    try:
        summary, passed = compare(os.environ.get("BASE", ""))
    except CommandError as error:
        sys.exit(str(error))
    print(summary, end="")
    if not passed and not git("tag", "--list", "v*").stdout:
        print(NO_RELEASE)
        passed = True
    text = "" if passed and NO_CHANGES in summary else summary
    SUMMARY.parent.mkdir(exist_ok=True)
    SUMMARY.write_text(text, "utf-8")
    if page := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(page).open("a", encoding="utf-8") as file:
            file.write(text)
    sys.exit(not passed)


def compare(base: str) -> tuple[str, bool]:
    """Return the summary of changes since a revision, and whether the version is high enough."""
    old_text = contract_at(base)
    new, version = parse(CONTRACT, Path(CONTRACT).read_text("utf-8"))
    if old_text is None:
        return NEW_CONTRACT.format(base), True
    old, old_version = parse(f"{CONTRACT} at {base}", old_text)
    return summarize(changes(old, new), old_version, version)


def contract_at(base: str) -> str | None:
    """Return the text of the contract at a revision, or None if the revision has no contract."""
    if not base:
        raise CommandError(NO_BASE)
    if not base.strip("0"):  # what GitHub sends for a new branch
        return None
    commit = git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{base}^{{commit}}")
    if commit.returncode:
        raise CommandError(NO_REVISION.format(base))
    shown = git("show", f"{commit.stdout.strip()}:./{CONTRACT}")
    return None if shown.returncode else shown.stdout


def git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - no shell, and BASE is verified
        ["git", *arguments],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )


def parse(name: str, text: str) -> tuple[Any, str]:
    """Return the expanded document, and its version."""
    try:
        document = expand(yaml.safe_load(text))
        version = str(document["info"]["version"])
    except (yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
        raise CommandError(NO_OPENAPI.format(name, error)) from None
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise CommandError(NO_SEMVER.format(name, version))
    return document, version


def summarize(found: Collection[Change], old_version: str, version: str) -> tuple[str, bool]:
    """Return the summary of the changes, and whether the version is high enough for them."""
    lowest = lowest_version(old_version, {change.impact for change in found})
    passed = numbers(version) >= numbers(lowest)
    error = [] if passed else [TOO_LOW.format(version, lowest)]
    parts = [f"## Contract {old_version} → {version}", *error, *sections(found)]
    return "\n\n".join(parts) + "\n", passed


def lowest_version(old_version: str, impacts: Collection[str]) -> str:
    """Return the lowest version that changes of these impacts allow."""
    major, minor, patch = numbers(old_version)
    if "major" in impacts:
        return f"{major + 1}.0.0"
    if "minor" in impacts:
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + bool(impacts)}"


def numbers(version: str) -> list[int]:
    return [int(number) for number in version.split(".")]


def sections(found: Collection[Change]) -> Iterator[str]:
    """Yield the Markdown of the changes by impact. Changes with the same text share a line."""
    if not found:
        yield NO_CHANGES
    for impact, heading in SECTIONS.items():
        places = defaultdict(list)
        for change in sorted(found):
            if change.impact == impact:
                places[change.text].append(f"`{change.place}`")
        if places:
            yield f"### {heading}"
            yield "\n".join(f"- {text} {shorten(at)}" for text, at in places.items())


def shorten(places: list[str]) -> str:
    more = f" and {len(places) - MAX_PLACES} more" if len(places) > MAX_PLACES else ""
    return ", ".join(places[:MAX_PLACES]) + more


if __name__ == "__main__":
    main()
