"""`GET /metrics` for Prometheus: counts and ages out of the history, no ids. Owns the route only."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, Response
from sqlalchemy.exc import SQLAlchemyError

from schemas.errors import Transient

if TYPE_CHECKING:
    from schemas.measures import Measures
    from workers.bootstrap import System


def make_router(system: "System") -> APIRouter:
    """`GET /metrics`: 503 while the database is away."""
    from prometheus_client import CONTENT_TYPE_LATEST

    from infra.metrics import make_registry, render
    from pipeline.measures import read_measures

    def read() -> "Measures":
        with system.engine.connect() as conn:
            return read_measures(conn)

    router = APIRouter()
    registry = make_registry(read)

    @router.get("/metrics")
    def metrics() -> Response:
        try:
            return Response(render(registry), media_type=CONTENT_TYPE_LATEST)
        except (SQLAlchemyError, Transient):
            return Response(status_code=503)

    return router
