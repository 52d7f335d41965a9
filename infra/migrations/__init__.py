"""Migrations of the database schema. Owns running them; the steps are in `versions/`."""

from pathlib import Path

from alembic import command
from alembic.config import Config


def upgrade(database_url: str, revision: str = "head") -> None:
    """Bring the schema up to date; safe to run by several processes at once (an advisory lock serialises them)."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["database_url"] = database_url
    command.upgrade(config, revision)
