"""FastAPI behind Mangum."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import FastAPI, Path, Query, Response
from mangum import Mangum

from benchmarks.peers import store
from benchmarks.peers.models import COUNTER_ID, VisitReceipt

app = FastAPI()


@app.post("/counters/{counter_id}/visits", status_code=201, response_model=VisitReceipt)
def record_visit(
    counter_id: Annotated[str, Path(pattern=COUNTER_ID, max_length=64)],
    visit_id: Annotated[UUID, Query(alias="visitId")],  # noqa: ARG001
    response: Response,
) -> Any:
    response.headers.update(store.HEADERS)
    return store.record(counter_id)


handle = Mangum(app, lifespan="off")
