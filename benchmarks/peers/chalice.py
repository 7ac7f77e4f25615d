"""Chalice."""

from chalice import Chalice, Response

from benchmarks.peers import store

app = Chalice("visits")


@app.route("/counters/{counterId}/visits", methods=["POST"])
def record_visit(counterId: str) -> Response:  # noqa: N803
    assert app.current_request.query_params["visitId"]
    return Response(store.record(counterId), store.HEADERS, 201)


handle = app
