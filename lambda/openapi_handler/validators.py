"""openapi-core's request and response validators, with their parts built once.

By default openapi-core builds sixteen validators for each POST and copies all format checks
for each of them. This module uses openapi-core's own hooks to build each part once.
"""

import re
from collections.abc import Iterator
from typing import Any

from jsonschema import ValidationError
from jsonschema.validators import extend
from jsonschema_path import SchemaPath
from openapi_core import V30RequestValidator, V30ResponseValidator
from openapi_core.casting.schemas import oas30_types_caster
from openapi_core.casting.schemas.casters import (
    BooleanCaster,
    IntegerCaster,
    NumberCaster,
    TypesCaster,
)
from openapi_core.casting.schemas.factories import SchemaCastersFactory
from openapi_core.deserializing.media_types import (
    MediaTypeDeserializersFactory,
    media_type_deserializers,
)
from openapi_core.deserializing.styles import style_deserializers
from openapi_core.deserializing.styles.factories import StyleDeserializersFactory
from openapi_core.templating.datatypes import TemplateResult
from openapi_core.templating.paths.datatypes import PathOperationServer
from openapi_core.templating.paths.exceptions import OperationNotFound, PathNotFound
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


class JsonIntegerCaster(IntegerCaster):
    def validate(self, value: Any) -> None:
        integer(str(value))


class JsonNumberCaster(NumberCaster):
    def validate(self, value: Any) -> None:
        number(str(value))


class JsonBooleanCaster(BooleanCaster):
    def validate(self, value: Any) -> None:
        boolean(str(value))


CASTERS = TypesCaster(
    {
        **oas30_types_caster.casters,
        "boolean": JsonBooleanCaster,
        "integer": JsonIntegerCaster,
        "number": JsonNumberCaster,
    },
    oas30_types_caster.default,
)


def pattern(_validator: Any, text: str, value: Any, _schema: Any) -> Iterator[ValidationError]:
    """Check a pattern. In Python, unlike in JSON Schema, `$` also matches before a last newline."""
    if isinstance(value, str) and not re.search(re.sub(r"(?<!\\)\$$", r"\\Z", text), value):
        yield ValidationError(f"{value!r} does not match {text!r}")


class Once:
    """Mixin for an openapi-core factory: create() builds one object for each schema and name."""

    def create(self, spec: SchemaPath, *args: Any, **options: Any) -> Any:
        created = self.__dict__.setdefault("created", {})
        key = *args, options.get("name")
        if key not in created:
            created[key] = super().create(spec, *args, **options)  # type: ignore[misc]
        return created[key]


class SchemaValidators(Once, SchemaValidatorsFactory):
    def __init__(self, schema_validator_cls: Any) -> None:
        super().__init__(schema_validator_cls)
        self.format_checker = super().get_format_checker(extra_format_validators=FORMATS)

    def get_format_checker(self, *_: Any, **__: Any) -> Any:
        return self.format_checker


class StyleDeserializers(Once, StyleDeserializersFactory): ...


class PathTable(APICallPathFinder):
    """Finds an operation by the path template that API Gateway matched."""

    def __init__(self, spec: SchemaPath, base_url: str | None = None) -> None:
        super().__init__(spec, base_url)
        self.operations = {
            template: {
                method: PathOperationServer(path, operation, None, TemplateResult(template), None)
                for method, operation in path.str_items()
            }
            for template, path in (spec / "paths").str_items()
        }

    def find(self, method: str, name: str) -> PathOperationServer:
        if name not in self.operations:
            raise PathNotFound(name)
        if method not in self.operations[name]:
            raise OperationNotFound(name, method)
        return self.operations[name][method]


def hooks(schema_validator: Any) -> dict[str, Any]:
    """Return the factories of one validator. Requests and responses need separate factories."""
    validators = SchemaValidators(extend(schema_validator, {"pattern": pattern}))
    casters = SchemaCastersFactory(validators, CASTERS)
    styles = StyleDeserializers(casters, style_deserializers)
    return {
        "schema_validators_factory": validators,
        "schema_casters_factory": casters,
        "style_deserializers_factory": styles,
        "media_type_deserializers_factory": MediaTypeDeserializersFactory(styles, MEDIA_TYPES),
        "path_finder_cls": PathTable,
    }


def build(document: dict[str, Any]) -> tuple[V30RequestValidator, V30ResponseValidator]:
    """Return the request and the response validator of a valid OpenAPI 3.0 document.

    The contract's schemas are open, because clients must accept what a later version adds. The
    response validator allows only what this version documents.
    """
    spec = SchemaPath.from_dict(document, resolved_cache_maxsize=4096)
    responses = hooks(OAS30ReadValidator)
    return (
        V30RequestValidator(spec, **hooks(OAS30WriteValidator)),
        V30ResponseValidator(spec, **responses, forbid_unspecified_additional_properties=True),
    )
