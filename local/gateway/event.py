"""Builds the event that a REST API passes to a Lambda function (payload format 1.0).

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request

ACCOUNT, API = "123456789012", "local"
# API Gateway fills these in for signed requests. This API has none.
UNKNOWN_CALLER = {
    "accessKey": None,
    "accountId": None,
    "caller": None,
    "cognitoAuthenticationProvider": None,
    "cognitoAuthenticationType": None,
    "cognitoIdentityId": None,
    "cognitoIdentityPoolId": None,
    "principalOrgId": None,
    "user": None,
    "userArn": None,
}


def proxy_event(
    request: Request, resource: str, path_parameters: Mapping[str, str]
) -> dict[str, Any]:
    """Build the event for a request to a resource, such as `/counters/{counterId}`."""
    headers = MultiDict(list(request.headers))  # WSGI joins repeated headers with a comma
    return {
        "resource": resource,
        "path": request.path,
        "httpMethod": request.method,
        "headers": last_values(headers),
        "multiValueHeaders": headers.to_dict(flat=False) or None,
        "queryStringParameters": last_values(request.args),
        "multiValueQueryStringParameters": request.args.to_dict(flat=False) or None,
        "pathParameters": dict(path_parameters) or None,
        "stageVariables": None,
        "requestContext": request_context(request, resource),
        "body": request.get_data().decode(errors="replace") or None,
        "isBase64Encoded": False,  # the contract declares no binary media types
    }


def request_context(request: Request, resource: str) -> dict[str, Any]:
    """Return the `requestContext`. The stage is the path under which the gateway is mounted."""
    now = datetime.now(UTC)
    return {
        "accountId": ACCOUNT,
        "apiId": API,
        "domainName": request.host,
        "domainPrefix": request.host.partition(".")[0],
        "extendedRequestId": uuid4().hex[:16],
        "httpMethod": request.method,
        "identity": {
            **UNKNOWN_CALLER,
            "sourceIp": request.remote_addr or "127.0.0.1",
            "userAgent": request.headers.get("User-Agent"),
        },
        "path": request.root_path + request.path,
        "protocol": request.environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
        "requestId": str(uuid4()),
        "requestTime": f"{now:%d/%b/%Y:%H:%M:%S +0000}",
        "requestTimeEpoch": int(now.timestamp() * 1000),
        "resourceId": f"{hash(resource) & 0xFFFFFF:06x}",
        "resourcePath": resource,
        "stage": request.root_path.strip("/"),
    }


def last_values(values: MultiDict[str, str]) -> dict[str, str] | None:
    """Return the last value of each name, or None if there are no names."""
    return {name: each[-1] for name, each in values.lists()} or None
