"""openapi.yaml is plain OpenAPI: other YAML parsers read the same document."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from contract import reference
from visits import contract
from visits.contract import ROOT
from visits.references import resolve

TEXT = contract.SOURCE.read_text("utf-8")
NODE = Path(sys.executable).with_name("node")
PARSERS = {
    # Both follow YAML 1.2. The schemas have the types of JSON, and no merge keys.
    "yaml": 'require("yaml").parse(text, {version: "1.2", schema: "core", merge: false})',
    "js-yaml": 'require("js-yaml").load(text, {schema: require("js-yaml").CORE_SCHEMA})',
}


def with_node(parser, text):
    """Parse a text with an npm package that the client's generator installs."""
    script = f'const text = require("fs").readFileSync(0, "utf8"); {PARSERS[parser]}'
    done = subprocess.run(
        [NODE, "--eval", f"console.log(JSON.stringify(eval({json.dumps(script)})))"],
        input=text,
        cwd=ROOT / "client",
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("parser", PARSERS)
def test_npm_parsers_read_the_same_document(parser):
    """The npm parsers `yaml` and `js-yaml`, without merge keys, read every field as PyYAML does."""
    assert resolve(with_node(parser, TEXT)) == contract.read()[0]


def test_only_references_to_schemas_are_left():
    """The resolved contract contains no reference to a parameter, response or header."""
    text = json.dumps(contract.read()[0])
    assert text.count('"$ref"') == text.count('"$ref": "#/components/schemas/') > 0


def test_reference_writes_the_resolved_contract(tmp_path, monkeypatch):
    """`make reference` writes the complete resolved contract as JSON beside the page."""
    monkeypatch.setattr(reference, "PAGE", tmp_path / "reference/index.html")
    monkeypatch.setattr(reference, "RESOLVED", tmp_path / "reference/openapi.json")
    monkeypatch.setattr(reference, "page", lambda _: "")
    reference.main()
    assert json.loads((tmp_path / "reference/openapi.json").read_bytes()) == contract.read()[0]
