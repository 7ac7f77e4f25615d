"""openapi-core's request and response validators, with this package's readings of texts.

They differ from openapi-core's defaults in what formats.py says, and find the operation by the path
template that API Gateway matched.
"""

import re
from typing import Any

from jsonschema import Draft4Validator
from jsonschema.validators import extend
from jsonschema_path import SchemaPath
from openapi_core import V30RequestValidator, V30ResponseValidator
from openapi_core.casting.schemas import oas30_types_caster
from openapi_core.casting.schemas.casters import PrimitiveTypeCaster, TypesCaster
from openapi_core.casting.schemas.factories import SchemaCastersFactory
from openapi_core.deserializing.media_types import media_type_deserializers
from openapi_core.templating.datatypes import TemplateResult
from openapi_core.templating.paths.datatypes import PathOperationServer
from openapi_core.templating.paths.exceptions import OperationNotFound
from openapi_core.templating.paths.finders import APICallPathFinder
from openapi_core.validation.schemas.factories import SchemaValidatorsFactory
from openapi_schema_validator import OAS30ReadValidator, OAS30WriteValidator

from openapi_handler.formats import boolean, find_loader, integer, is_uuid, number


class MediaTypes(dict[str, Any]):
    """What loads the bodies of media types: this package's functions, or else openapi-core's."""

    def __contains__(self, media_type: object) -> bool:
        return True

    def __missing__(self, media_type: str) -> Any:
        load = find_loader(media_type)
        if load is None:
            return media_type_deserializers[media_type]
        return lambda body, **_: load(body)


MEDIA_TYPES = MediaTypes()
FORMATS: dict[str, Any] = {"uuid": lambda value: not isinstance(value, str) or is_uuid(value)}


class IntegerCaster(PrimitiveTypeCaster[int]):
    primitive_type = staticmethod(integer)  # type: ignore[assignment]


class NumberCaster(PrimitiveTypeCaster[float]):
    primitive_type = staticmethod(number)  # type: ignore[assignment]


class BooleanCaster(PrimitiveTypeCaster[bool]):
    primitive_type = staticmethod(boolean)  # type: ignore[assignment]


CASTERS = TypesCaster(
    {
        **oas30_types_caster.casters,
        "boolean": BooleanCaster,
        "integer": IntegerCaster,
        "number": NumberCaster,
    },
    oas30_types_caster.default,
)


def pattern(validator: Any, text: str, value: Any, schema: Any) -> Any:
    """Check a pattern. In Python, unlike in JSON Schema, `$` also matches before a last newline."""
    python = re.sub(r"(?<!\\)\$$", r"\\Z", text)
    return Draft4Validator.VALIDATORS["pattern"](validator, python, value, schema)


class SchemaValidators(SchemaValidatorsFactory):
    """Builds the validator of a schema once, and not for each message."""

    def __init__(self, schema_validator_cls: Any) -> None:
        super().__init__(schema_validator_cls)
        self._created: dict[SchemaPath, Any] = {}

    def create(self, spec: SchemaPath, schema: SchemaPath, **options: Any) -> Any:  # type: ignore[override]
        if schema not in self._created:
            self._created[schema] = super().create(spec, schema, **options)
        return self._created[schema]


class PathFinder(APICallPathFinder):
    """Finds an operation by its method and path template."""

    def find(self, method: str, name: str) -> PathOperationServer:
        paths = self.spec / "paths"
        if name not in paths or method not in paths / name:
            raise OperationNotFound(name, method)
        path = paths / name
        return PathOperationServer(path, path / method, None, TemplateResult(name), None)


def options(schema_validator: Any) -> dict[str, Any]:
    """Return the options of one validator. Requests and responses need separate factories."""
    validators = SchemaValidators(extend(schema_validator, {"pattern": pattern}))
    return {
        "schema_validators_factory": validators,
        "schema_casters_factory": SchemaCastersFactory(validators, CASTERS),
        "extra_media_type_deserializers": MEDIA_TYPES,
        "extra_format_validators": FORMATS,
        "path_finder_cls": PathFinder,
    }


def build(document: dict[str, Any]) -> tuple[V30RequestValidator, V30ResponseValidator]:
    """Return the request and the response validator of a valid OpenAPI 3.0 document.

    The contract's schemas are open, because clients must accept what a later version adds. The
    response validator allows only what this version documents.
    """
    spec = SchemaPath.from_dict(document)
    responses = options(OAS30ReadValidator)
    return (
        V30RequestValidator(spec, **options(OAS30WriteValidator)),
        V30ResponseValidator(spec, **responses, forbid_unspecified_additional_properties=True),
    )
