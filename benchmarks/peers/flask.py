"""Flask behind apig-wsgi, with the contract itself, validated by openapi-core's decorator."""

import os
from typing import Any

from apig_wsgi import make_lambda_handler
from flask import Flask
from openapi_core import OpenAPI
from openapi_core.contrib.flask.decorators import FlaskOpenAPIViewDecorator

from benchmarks.peers import store

app = Flask(__name__)
validated = FlaskOpenAPIViewDecorator(OpenAPI.from_file_path(os.environ["CONTRACT"]))


@app.post("/counters/<counterId>/visits")
@validated
def record_visit(counterId: str) -> tuple[dict[str, Any], int, dict[str, str]]:  # noqa: N803
    return store.record(counterId), 201, store.HEADERS


handle = make_lambda_handler(app)
