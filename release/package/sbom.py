"""Write a software bill of materials (SBOM) in CycloneDX: https://cyclonedx.org/docs/1.6/json/."""

import re
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution
from typing import Any
from uuid import NAMESPACE_OID, uuid5


def describe(
    version: str, sha256: str, packed: Iterable[Distribution], wheels: Mapping[str, str]
) -> dict[str, Any]:
    """Return the SBOM of a zip. `wheels` has the SHA-256 of each package by normalized name."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_OID, sha256)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": "visits",
                "name": "visits",
                "version": version,
                "hashes": [{"alg": "SHA-256", "content": sha256}],
            }
        },
        "components": sorted(
            (component(each, wheels[normal(each.name)]) for each in packed),
            key=lambda each: str(each["name"]),
        ),
    }


def component(distribution: Distribution, sha256: str) -> dict[str, Any]:
    name = normal(distribution.name)
    purl = f"pkg:pypi/{name}@{distribution.version}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": distribution.version,
        "purl": purl,
        "hashes": [{"alg": "SHA-256", "content": sha256}],
        "licenses": licences(distribution),
    }


def licences(distribution: Distribution) -> list[dict[str, Any]]:
    """Return a distribution's licence: an SPDX expression, classifiers, or free text."""
    metadata = distribution.metadata
    if "License-Expression" in metadata:
        return [{"expression": metadata["License-Expression"]}]
    classifiers = metadata.get_all("Classifier", [])
    names = [each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License :: ")]
    free = [text for text in metadata.get_all("License", []) if "\n" not in text]
    return [{"license": {"name": name}} for name in names or free]


def normal(name: str) -> str:
    """Return a distribution's normalized name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
