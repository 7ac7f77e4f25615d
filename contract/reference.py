"""`make reference`: write the API reference and the resolved contract into build/reference/.

`index.html` is for people: Redoc, prerendered, with its script inside, so that it loads nothing.
`openapi.json` is for tools: openapi.yaml with the same references resolved as for API Gateway, and
otherwise complete. Two builds of the same contract write the same bytes.
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
RESOLVED = PAGE.with_name("openapi.json")
ICON = contract.ROOT / "site/favicon.svg"
LOGO = re.compile(r"https://cdn\.redoc\.ly/[\w/.-]+")


def main() -> None:
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    document, _ = contract.read()
    PAGE.write_text(page(document), "utf-8")
    RESOLVED.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
    print(f"{PAGE}: open it, or put it on any web server. {RESOLVED.name} beside it is for tools.")


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
            if "preflights" not in operation.get("tags", ["preflights"])
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
