"""Install the function's pinned packages and remove the files that it does not need."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from contract.command import CommandError

REQUIREMENTS = Path("requirements", "lambda.txt")

# The runtime python3.13 is Amazon Linux 2023, with glibc 2.34:
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
TARGET = "Python 3.13 on arm64 Linux with glibc 2.34"
PLATFORMS = ["manylinux2014_aarch64", *(f"manylinux_2_{minor}_aarch64" for minor in range(17, 35))]
FOR_LAMBDA = [
    "--implementation=cp",
    "--python-version=3.13",
    *(f"--platform={platform}" for platform in PLATFORMS),
]

LEFT_OUT = re.compile(
    r"""
      bin/.* | .*\.(c|pyi) | .*/py\.typed
    | .*\.dist-info/(?!METADATA|AUTHORS|COPYING|LICEN[CS]E|NOTICE|licenses/).*
    | (.*/)?(benchmarks|testing|tests)/.* | .*/test_[^/]*
    | boto3/(data|examples)/.*            # for boto3.resource(), which the function does not use
    | botocore/data/(?!dynamodb/2012-08-10/)[^/]+/.* | botocore/data/.*/examples-1\.json
    | crawleruseragents/(?!__init__|crawler-user-agents).*
    | dateutil/zoneinfo/.*\.tar\.gz       # time zones; the function uses UTC
    | openapi_core/contrib/(?!__init__).*   # for web frameworks
    | openapi_spec_validator/resources/.* # for checking contracts; ours is checked before
    | werkzeug/debug/shared/.*
    | yaml/_yaml\..*                      # C code; the function reads no YAML
    """,
    re.VERBOSE,
)


NOT_INSTALLED = f"""\
pip could not install {REQUIREMENTS}:
{{message}}
If a package has no wheel for {TARGET}, choose another version in \
requirements/lambda.in, or remove it, and run: make lock"""


def install(folder: Path, options: Sequence[str]) -> None:
    """Install the pinned packages into a folder."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    exact = ["--no-deps", "--require-hashes", "--only-binary=:all:", "--no-compile", *options]
    source = [f"--target={folder}", f"--requirement={REQUIREMENTS}"]
    done = subprocess.run(  # noqa: S603 - pip
        [*command, *exact, *source], stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise CommandError(NOT_INSTALLED.format(message=done.stderr))


def trim(folder: Path) -> None:
    """Remove what the function does not need."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and LEFT_OUT.fullmatch(path.relative_to(folder).as_posix()):
            path.unlink()
    for path in folder.glob("*.dist-info/METADATA"):
        # Scanners read the header; the rest is the README.
        path.write_bytes(path.read_bytes().partition(b"\n\n")[0] + b"\n")
    rewrite(folder / "crawleruseragents" / "crawler-user-agents.json", patterns)
    rewrite(folder / "botocore" / "data" / "endpoints.json", dynamodb)


def rewrite(path: Path, change: Callable[[Any], Any]) -> None:
    path.write_text(json.dumps(change(json.loads(path.read_bytes())), separators=(",", ":")))


def patterns(crawlers: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Keep only the patterns of the crawlers."""
    return [{"pattern": crawler["pattern"]} for crawler in crawlers]


def dynamodb(endpoints: dict[str, Any]) -> dict[str, Any]:
    """Keep only the endpoints of DynamoDB, in every AWS partition."""
    for partition in endpoints["partitions"]:
        partition["services"] = {"dynamodb": partition["services"]["dynamodb"]}
    return endpoints
