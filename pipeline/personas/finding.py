"""Finding personas by what a person knows of them: phone, e-mail, name, external id, persona id. Changes nothing."""

from collections.abc import Sequence

from sqlalchemy import Connection

from pipeline.personas.objects import Persona, load_personas
from pipeline.sql import statement
from pipeline.work import Account
from schemas.errors import WrongCommand

#: Before a phone or an e-mail: whoever answers for it now.
MERGE_PREFIX = "merge:"


def find_personas(conn: Connection, account: Account, query: str) -> list[Persona]:
    """The personas that `query` names, by id: phone in any spelling, e-mail, first and last name, or external id.

    With `merge:` before a phone or an e-mail the survivor is found in place of whoever was merged into it.
    """
    if not query.startswith(MERGE_PREFIX):
        return load_personas(conn, account, _find_ids(conn, account, query))
    found = _find_ids(conn, account, query.removeprefix(MERGE_PREFIX), by_name=False)
    survivors = conn.execute(statement("personas", "survivors"), {"persona_ids": found}).scalars().all()
    return load_personas(conn, account, survivors)


def show_persona(conn: Connection, account: Account, who: str) -> Persona:
    """The one persona with this phone, e-mail or id. Raises `WrongCommand` if there is none."""
    found = _find_ids(conn, account, who, by_name=False)
    if not found and who.strip().isdecimal() and len(who.strip()) < 19:
        facts = {"account_id": account.id, "persona_id": int(who)}
        found = conn.execute(statement("personas", "find_id"), facts).scalars().all()
    if len(found) != 1:
        raise WrongCommand("The account has no persona of that phone, e-mail or id.")
    return load_personas(conn, account, found)[0]


def _find_ids(conn: Connection, account: Account, query: str, *, by_name: bool = True) -> Sequence[int]:
    # Read as an import reads its cells, so that whoever was imported by a spelling is found by it.
    from pipeline.rows.cleaning import clean_key
    from pipeline.rows.emails import read_email
    from pipeline.rows.phones import read_phone

    text = " ".join(query.split())
    phone, _ = read_phone(clean_key(text), account.region)
    email, _ = read_email(clean_key(text))
    facts = {"account_id": account.id, "phone": phone, "email": email, "text": text if by_name else None}
    found = conn.execute(statement("personas", "find"), facts).scalars().all()
    if found or not by_name or phone or email:
        return found
    return conn.execute(statement("personas", "find_by_name"), facts).scalars().all()
