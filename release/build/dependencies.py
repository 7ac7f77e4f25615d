"""The packages that the function runs on, as pinned, without what it does not need of them."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from release.build import CannotBuild
from release.build.sbom import normal

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
    | boto3/(data|examples)/.*            # of resources: the function has a client
    | botocore/data/(?!dynamodb/2012-08-10/)[^/]+/.* | botocore/data/.*/examples-1\.json
    | crawleruseragents/(?!__init__|crawler-user-agents).*
    | dateutil/zoneinfo/.*\.tar\.gz       # time zones; the function knows UTC
    | openapi_core/contrib/(?!__init__).*   # for web frameworks
    | openapi_spec_validator/resources/.* # checks contracts; this one has been checked
    | werkzeug/debug/shared/.*
    | yaml/_yaml\..*                      # C code; no YAML is read at run time
    """,
    re.VERBOSE,
)


def install(folder: Path, options: Sequence[str]) -> dict[str, str]:
    """Install them into a folder; returns the SHA-256 of each one's wheel by its name.

    Raises:
        CannotBuild: pip could not. Its own message has been printed.

    """
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    exact = ["--no-deps", "--require-hashes", "--only-binary=:all:", "--no-compile", *options]
    source = [f"--target={folder}", "--report=-", f"--requirement={REQUIREMENTS}"]
    done = subprocess.run(  # noqa: S603 - pip
        [*command, *exact, *source], capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(done.stderr, file=sys.stderr, flush=True)
        raise CannotBuild(reason(done.stderr))
    return {
        normal(each["metadata"]["name"]): each["download_info"]["archive_info"]["hashes"]["sha256"]
        for each in json.loads(done.stdout)["install"]
    }


def reason(message: str) -> str:
    """Why pip could not install, and what to do."""
    misfit = re.search(r"No matching distribution found for (\S+)", message)
    if misfit and "Retrying" not in message:
        return (
            f"{misfit[1]} has no wheel for {TARGET}. Choose a version that has one in "
            "requirements/lambda.in, or do without the package, and run: make lock"
        )
    return f"pip did not install {REQUIREMENTS}; it says why above."


def trim(folder: Path) -> None:
    """Take out what the function does not need."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and LEFT_OUT.fullmatch(path.relative_to(folder).as_posix()):
            path.unlink()
    for path in folder.glob("*.dist-info/METADATA"):  # scanners read its head; the rest is prose
        path.write_bytes(path.read_bytes().partition(b"\n\n")[0] + b"\n")
    rewrite(folder / "crawleruseragents" / "crawler-user-agents.json", patterns)
    rewrite(folder / "botocore" / "data" / "endpoints.json", dynamodb)


def rewrite(path: Path, change: Callable[[Any], Any]) -> None:
    path.write_text(json.dumps(change(json.loads(path.read_bytes())), separators=(",", ":")))


def patterns(crawlers: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Crawlers without their descriptions and the user agents they were seen with."""
    return [{"pattern": crawler["pattern"]} for crawler in crawlers]


def dynamodb(endpoints: dict[str, Any]) -> dict[str, Any]:
    """The endpoints of AWS, of the one service that botocore has the description of."""
    for partition in endpoints["partitions"]:
        partition["services"] = {"dynamodb": partition["services"]["dynamodb"]}
    return endpoints
