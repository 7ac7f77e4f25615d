"""openapi-core, for comparisons with what the function does."""

import pytest
from openapi_core import Config, OpenAPI
from openapi_core.casting.schemas.factories import SchemaCastersFactory
from openapi_core.validation.schemas import oas30_write_schema_validators_factory

from openapi_handler.contract import with_known_values
from openapi_handler.validators import CASTERS, FORMATS, MEDIA_TYPES


@pytest.fixture(scope="session")
def stock(document):
    """openapi-core with its own factories instead of the function's."""
    config = Config(
        extra_media_type_deserializers=MEDIA_TYPES,
        extra_format_validators=FORMATS,
        schema_casters_factory=SchemaCastersFactory(oas30_write_schema_validators_factory, CASTERS),
        additional_properties_default_policy="forbid",
    )
    return OpenAPI.from_dict(with_known_values(document), config)
