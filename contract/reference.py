"""`make reference`: build/reference/index.html, the contract for people.

One page that loads nothing: Redoc with its script inside, prerendered, the same bytes each time.
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

from contract import redocly
from visits import contract

PAGE = Path("build/reference/index.html")
ICON = contract.ROOT / "site/favicon.svg"
LOGO = re.compile(r"https://cdn\.redoc\.ly/[\w/.-]+")


def main() -> None:
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(contract.read()[0]), "utf-8")
    print(f"{PAGE}: open it, or put it on any web server.")


def page(document: Mapping[str, Any]) -> str:
    """The reference as HTML. Redoc's name stands for its logo, which is on another host."""
    with TemporaryDirectory() as folder:
        source, made = Path(folder, "openapi.json"), Path(folder, "index.html")
        source.write_text(json.dumps(for_people(document)), "utf-8")
        done = redocly.run(
            "build-docs",
            source,
            "--inlineBundle",
            f"--template={redocly.HERE / 'reference.hbs'}",
            f"--templateOptions.icon=data:image/svg+xml,{quote(ICON.read_text('utf-8'))}",
            f"--output={made}",
        )
        if done.returncode:
            sys.exit(done.stderr)
        html = made.read_text("utf-8")
    return LOGO.sub("data:,", html).replace("API docs by", "API docs by Redoc")


def for_people(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The contract without API Gateway's parts, preflights and tags, whose groups start closed."""
    paths = {
        path: {
            method: told(operation)
            for method, operation in item.items()
            if "operationId" in operation
        }
        for path, item in document["paths"].items()
    }
    return {**told(document), "paths": paths}


def told(node: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value
        for key, value in node.items()
        if key != "tags" and not key.startswith("x-amazon-")
    }


if __name__ == "__main__":
    main()
