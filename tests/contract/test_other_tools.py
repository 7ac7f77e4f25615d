"""openapi.yaml is plain OpenAPI: other parsers read the same document."""

import json
import subprocess

import pytest

from contract import redocly, repository
from openapi_handler.references import resolve

# The schema has JSON's types and no merge keys.
PARSE = """
    const { parse } = require("yaml");
    const text = require("node:fs").readFileSync(0, "utf8");
    const result = parse(text, { version: "1.2", schema: "core", merge: false });
    process.stdout.write(JSON.stringify(result));
"""


@pytest.mark.slow
def test_a_parser_of_yaml_1_2_reads_the_same_document():
    """The npm parser `yaml`, without merge keys, reads every field as PyYAML does."""
    with repository.SOURCE.open() as source:
        parsed = subprocess.check_output(
            [redocly.NODE, "--eval", PARSE], cwd=redocly.HERE, stdin=source
        )
    assert resolve(json.loads(parsed)) == repository.read()[0]
