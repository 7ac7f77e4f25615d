"""`make reference`: write the API reference and the resolved contract to build/reference/.

`index.html` is for people: a prerendered page by Redoc that contains its script and loads nothing.
`openapi.json` is for tools: the complete openapi.yaml, with the same references resolved as for API
Gateway.
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

from contract import redocly, repository

PAGE = Path("build/reference/index.html")
RESOLVED = PAGE.with_name("openapi.json")
ICON = repository.ROOT / "site/favicon.svg"
LOGO = re.compile(r"https://cdn\.redoc\.ly/[\w/.-]+")


def main() -> None:
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    document, _ = repository.read()
    PAGE.write_text(page(document), "utf-8")
    RESOLVED.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
    print(f"Wrote {PAGE}, for a browser or any web server, and {RESOLVED}, for tools.")


def page(document: Mapping[str, Any]) -> str:
    """Return the reference as HTML. Redoc's logo is on another host, so its name replaces it."""
    with TemporaryDirectory() as folder:
        source, output = Path(folder, "openapi.json"), Path(folder, "index.html")
        source.write_text(json.dumps(for_people(document)), "utf-8")
        result = redocly.run(
            "build-docs",
            source,
            "--inlineBundle",
            f"--template={redocly.HERE / 'reference.hbs'}",
            f"--templateOptions.icon=data:image/svg+xml,{quote(ICON.read_text('utf-8'))}",
            f"--output={output}",
        )
        if result.returncode:
            sys.exit(result.stderr)
        html = output.read_text("utf-8")
    return LOGO.sub("data:,", html).replace("API docs by", "API docs by Redoc")


def for_people(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the contract without extensions and tags.

    Redoc collapses operations that are grouped by tags.
    """
    paths = {
        path: {method: without_extensions(operation) for method, operation in item.items()}
        for path, item in document["paths"].items()
    }
    return {**without_extensions(document), "paths": paths}


def without_extensions(node: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key != "tags" and not key.startswith("x-")}


if __name__ == "__main__":
    main()
