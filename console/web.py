"""What the console serves over HTTP. Owns routes, no rules."""

from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from console import events, metrics, texts
from schemas.errors import Transient

if TYPE_CHECKING:
    from workers.bootstrap import System


def make_app(system: "System") -> FastAPI:
    """The application over one system; no interactive docs, since these load scripts from elsewhere."""
    app = FastAPI(title="Persona Import", docs_url=None, redoc_url=None)

    @app.get("/health")
    def health() -> JSONResponse:
        """200 while the database answers, else 503."""
        try:
            with system.engine.connect() as conn:
                conn.execute(text("SELECT 1"))
        except (SQLAlchemyError, Transient):
            return JSONResponse({"status": "no database"}, status_code=503)
        return JSONResponse({"status": "ok"})

    for make_router in (events.make_router, texts.make_router, metrics.make_router):
        app.include_router(make_router(system))
    return app
