"""openapi-core with its own factories instead of this package's, for comparisons."""

import json
from functools import cache

from openapi_core import Config, OpenAPI
from openapi_core.casting.schemas.factories import SchemaCastersFactory
from openapi_core.validation.schemas import oas30_write_schema_validators_factory

from openapi_handler.contract import with_known_values
from openapi_handler.validators import CASTERS, FORMATS, MEDIA_TYPES


def stock(document):
    return build(json.dumps(document))


@cache
def build(text):
    config = Config(
        extra_media_type_deserializers=MEDIA_TYPES,
        extra_format_validators=FORMATS,
        schema_casters_factory=SchemaCastersFactory(oas30_write_schema_validators_factory, CASTERS),
        additional_properties_default_policy="forbid",
    )
    return OpenAPI.from_dict(with_known_values(json.loads(text)), config)
