"""Connexion behind Mangum, with the contract itself."""

import os
from typing import Any

from connexion import AsyncApp
from connexion.resolver import Resolver
from mangum import Mangum

from benchmarks.peers import store


def record_visit(counterId: str, visitId: str) -> tuple[Any, int, dict[str, str]]:  # noqa: ARG001, N803
    headers = {"Content-Type": "application/json", **store.HEADERS}
    return store.record(counterId), 201, headers


app = AsyncApp(__name__)
app.add_api(
    os.environ["CONTRACT"],
    resolver=Resolver({"recordVisit": record_visit}.__getitem__),
    validate_responses=True,
)
handle = Mangum(app, lifespan="off")
