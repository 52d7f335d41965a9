"""The one place where pipeline and infra are joined. Builds; decides nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from infra.database import make_engine
from infra.objectstore import ObjectStore
from infra.services import Services
from infra.settings import Settings
from pipeline.work import Doorbell, Tools
from schemas.roles import Role

if TYPE_CHECKING:
    from celery import Celery


@dataclass(frozen=True)
class System:
    """Everything that a process of the product needs, connected."""

    settings: Settings
    services: Services
    engine: Engine
    store: ObjectStore
    tools: Tools

    @cached_property
    def app(self) -> "Celery":
        """What rings; made, and its library loaded, when it is first needed: many commands ring nobody."""
        from workers.app import make_app

        return make_app(self.services.broker_url)

    def ring(self, doorbells: Sequence[Doorbell]) -> None:
        """Publish doorbells; a lost one is rung again by the sweep, so this never raises."""
        from workers.doorbells import publish

        publish(self.app, doorbells)

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()
        if "app" in self.__dict__:
            self.app.close()


def open_system(settings: Settings, services: Services, role: Role | None, name: str = "personas") -> System:
    """Connect to services that run; opens connections at first use only.

    `role` is what this process may do in the database (None: all that its login may); `name` is what PostgreSQL shows.
    """
    engine = make_engine(services.database_url, name, role)
    store = services.store.connect()
    scratch = settings.home / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    tools = Tools(engine, store, settings.blocklist_secret(), scratch, lambda: datetime.now(UTC))
    return System(settings, services, engine, store, tools)
