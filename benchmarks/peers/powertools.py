"""Powertools for AWS Lambda: its resolver for REST APIs, with pydantic."""

from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from benchmarks.peers import store
from benchmarks.peers.models import COUNTER_ID, VisitReceipt

app = APIGatewayRestResolver(enable_validation=True)


@app.post("/counters/<counterId>/visits")
def record_visit(
    counterId: Annotated[str, Path(pattern=COUNTER_ID, max_length=64)],  # noqa: N803
    visitId: Annotated[UUID, Query()],  # noqa: ARG001, N803
) -> Response[VisitReceipt]:
    return Response(201, "application/json", store.record(counterId), headers=store.HEADERS)


handle = app.resolve
