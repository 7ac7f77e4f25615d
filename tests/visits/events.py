"""Events of requests to the function, for tests that change them."""

from contract import repository
from tests import examples
from tests.conftest import PERSON, SITE

OPERATIONS = {
    operation["operationId"]: (path, method)
    for path, method, operation in examples.operations(repository.load().document)
}


def valid_event(operation_id):
    """Return the event of a person's request with the examples of the contract."""
    event = examples.valid_event(repository.load().document, *OPERATIONS[operation_id])
    event["multiValueHeaders"] |= {"User-Agent": [PERSON], "Origin": [SITE]}
    event["requestContext"]["identity"]["sourceIp"] = "203.0.113.7"
    return event
