"""Archive and restore: the status of one persona, and nothing else of it."""

from sqlalchemy import Connection

from pipeline.personas.contention import carry_out
from pipeline.personas.naming import lock_persona
from pipeline.personas.writing import note_identity, write_persona
from pipeline.work import Account, Tools
from schemas.errors import WrongCommand
from schemas.states import PersonaStatus


def archive_persona(tools: Tools, account: Account, who: str) -> int:
    """Put an active persona aside; its id. Raises `WrongCommand` if there is none, or it is archived already."""
    return _move(tools, account, who, PersonaStatus.ACTIVE, PersonaStatus.ARCHIVED)


def restore_persona(tools: Tools, account: Account, who: str) -> int:
    """Bring an archived persona back; its id. Raises `WrongCommand` if there is none, or it is not archived."""
    return _move(tools, account, who, PersonaStatus.ARCHIVED, PersonaStatus.ACTIVE)


def _move(tools: Tools, account: Account, who: str, before: PersonaStatus, after: PersonaStatus) -> int:
    def move(conn: Connection) -> int:
        state = lock_persona(conn, account, who)
        if state["status"] != before:
            raise WrongCommand(f"Persona {state['id']} is {state['status']}, not {before}.")
        state["status"] = after
        write_persona(conn, state)
        note_identity(conn, account, [state])
        return int(state["id"])

    return carry_out(tools.engine, move)
