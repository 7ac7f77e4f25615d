"""Faults of DynamoDB, for the client of the function."""

from botocore.exceptions import ClientError, ReadTimeoutError

from local import function

TIMEOUT = ReadTimeoutError(endpoint_url="http://dynamodb")


def client_error(code, status=400, reasons=()):
    return ClientError(
        {
            "Error": {"Code": code},
            "ResponseMetadata": {"HTTPStatusCode": status},
            "CancellationReasons": [{"Code": reason} for reason in reasons],
        },
        "TransactWriteItems",
    )


def cancelled(*reasons):
    return client_error("TransactionCanceledException", reasons=reasons)


class Faulty:
    """Makes calls of the function's client fail `before` they reach DynamoDB, or `after`."""

    def __init__(self, monkeypatch, operation, before=(), after=()):
        self.client = function.function().shared.dynamodb
        self.real = getattr(self.client, operation)
        self.before, self.after, self.calls = list(before), list(after), []
        monkeypatch.setattr(self.client, operation, self)

    def __call__(self, **parameters):
        self.calls.append(parameters)
        if self.before:
            raise self.before.pop(0)
        answer = self.real(**parameters)
        if self.after:
            raise self.after.pop(0)
        return answer
