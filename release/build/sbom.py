"""The software bill of materials of a zip, as CycloneDX: https://cyclonedx.org/docs/1.6/json/."""

import re
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution
from typing import Any
from uuid import NAMESPACE_OID, uuid5


def describe(
    version: str, sha256: str, packed: Iterable[Distribution], wheels: Mapping[str, str]
) -> dict[str, Any]:
    """Say what is in a zip.

    Args:
        version: of the function.
        sha256: of the zip.
        packed: the distributions in it.
        wheels: the SHA-256 of each one's wheel, by its normal name.

    """
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
    """What a distribution says of its licence: an expression, classifiers, or a free text."""
    metadata = distribution.metadata
    if "License-Expression" in metadata:
        return [{"expression": metadata["License-Expression"]}]
    classifiers = metadata.get_all("Classifier", [])
    names = [each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License :: ")]
    free = [text for text in metadata.get_all("License", []) if "\n" not in text]
    return [{"license": {"name": name}} for name in names or free]


def normal(name: str) -> str:
    """A distribution's name as the package index writes it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
