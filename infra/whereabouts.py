"""Where the database is, for those who only read it. Starts nothing and loads no more than that takes."""

from infra.embedded.state import load_state
from infra.settings import Settings

#: Under this name the embedded server is known.
POSTGRES = "postgres"


def find_database(settings: Settings) -> str | None:
    """Its URL; None where the embedded one was stopped. One that ended otherwise is only missed by who connects."""
    if settings.database_url is not None:
        return settings.database_url
    known = load_state(settings.home, POSTGRES)
    return known.url if known and known.pid else None
