"""`make contract-diff BASE=origin/main`: what changed in openapi.yaml, and its version.

The version says to clients what changed (https://semver.org): a breaking change is a major step,
an addition a minor one, the rest a patch. The summary is Markdown, for a pull request.
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

from contract.changes import CannotCompare, Change, changes
from visits.references import resolve

CONTRACT, SUMMARY = "openapi.yaml", Path("build/contract-diff.md")
SECTIONS = {"major": "Breaking", "minor": "Compatible", "patch": "Editorial"}
SHOWN = 3

NO_BASE = "Name the revision to compare with: make contract-diff BASE=origin/main"
NO_REVISION = "Git knows no revision {!r}: fetch it (git fetch origin main), or name another one."
NO_YAML = "{} is not YAML: {}"
NO_OPENAPI = "{} is not OpenAPI, since it has no info.version."
NO_SEMVER = "{} has the version {!r}: write three numbers, like 1.0.0 (https://semver.org)."
NO_CONTRACT = f"There is no {CONTRACT} here: run this where it is."
NOTHING = "Nothing changed for clients."
FIRST = "The contract is new: there is none at {}.\n"
TOO_LOW = (
    "**The version is {}, and has to be {} or higher.** "
    "Write it into `openapi.yaml`, `pyproject.toml` and `CHANGELOG.md`."
)


def main() -> None:
    try:
        summary, passed = compare(os.environ.get("BASE", ""))
    except CannotCompare as error:
        sys.exit(str(error))
    print(summary, end="")
    told = "" if passed and NOTHING in summary else summary
    SUMMARY.parent.mkdir(exist_ok=True)
    SUMMARY.write_text(told)
    if page := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(page).open("a", encoding="utf-8") as file:
            file.write(told)
    sys.exit(not passed)


def compare(base: str) -> tuple[str, bool]:
    """The summary, and whether the version is high enough.

    Raises:
        CannotCompare: something is missing or wrong.
    """
    old_text = published(base)
    if not Path(CONTRACT).exists():
        raise CannotCompare(NO_CONTRACT)
    new, version = parse(CONTRACT, Path(CONTRACT).read_text("utf-8"))
    if old_text is None:
        return FIRST.format(base), True
    old, old_version = parse(f"{CONTRACT} at {base}", old_text)
    return judge(changes(old, new), old_version, version)


def published(base: str) -> str | None:
    """The contract at a revision, if there was one."""
    if not base:
        raise CannotCompare(NO_BASE)
    if not base.strip("0"):  # GitHub's word for the commit before a branch's first
        return None
    commit = git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{base}^{{commit}}")
    if commit.returncode:
        raise CannotCompare(NO_REVISION.format(base))
    shown = git("show", f"{commit.stdout.strip()}:./{CONTRACT}")
    return None if shown.returncode else shown.stdout


def git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the words are ours
        ["git", *arguments],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )


def parse(name: str, text: str) -> tuple[Any, str]:
    """Return the document with its references resolved, and its version."""
    try:
        document = resolve(yaml.safe_load(text))
        version = str(document["info"]["version"])
    except yaml.YAMLError as error:
        raise CannotCompare(NO_YAML.format(name, error)) from None
    except (KeyError, TypeError):
        raise CannotCompare(NO_OPENAPI.format(name)) from None
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise CannotCompare(NO_SEMVER.format(name, version))
    return document, version


def judge(found: Collection[Change], old_version: str, version: str) -> tuple[str, bool]:
    """The summary of these changes, and whether the version is high enough for them."""
    needed = next_version(old_version, {change.impact for change in found})
    passed = numbers(version) >= numbers(needed)
    verdict = [] if passed else [TOO_LOW.format(version, needed)]
    parts = [f"## Contract {old_version} → {version}", *verdict, *sections(found)]
    return "\n\n".join(parts) + "\n", passed


def next_version(version: str, impacts: Collection[str]) -> str:
    """The lowest version that says so much."""
    major, minor, patch = numbers(version)
    if "major" in impacts:
        return f"{major + 1}.0.0"
    if "minor" in impacts:
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + bool(impacts)}"


def numbers(version: str) -> list[int]:
    return [int(number) for number in version.split(".")]


def sections(found: Collection[Change]) -> Iterator[str]:
    """The changes by impact. What an anchor repeats is one line."""
    if not found:
        yield NOTHING
    for impact, heading in SECTIONS.items():
        places = defaultdict(list)
        for change in sorted(found):
            if change.impact == impact:
                places[change.text].append(f"`{change.place}`")
        if places:
            yield f"### {heading}"
            yield "\n".join(f"- {text} {shortened(all_)}" for text, all_ in places.items())


def shortened(places: list[str]) -> str:
    more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
    return ", ".join(places[:SHOWN]) + more


if __name__ == "__main__":
    main()
