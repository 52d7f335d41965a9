"""Making the database's roles. What a role may do stands in the migrations.

A session takes its role right after it connects (`infra.sessions`). So one login can serve every process, and a process
with a login of its own can do no more than its role.
"""

from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from infra.sessions import NOT_ALLOWED, RoleRefused
from schemas.roles import Role

#: Staff does all that workers do, and owns their staging tables with them; workers become senders on purpose only.
_MEMBERS = ((Role.WORKER, Role.STAFF, "INHERIT TRUE"), (Role.SENDER, Role.WORKER, "INHERIT FALSE"))
_THERE_ALREADY = frozenset({"42710", "23505"})


def make_roles(conn: Connection) -> None:
    """All roles, and this login allowed to take them; what is there already stays. Raises `RoleRefused`.

    Roles belong to the whole server: another database of it may have made them.
    """
    for role in Role:
        if not _is_there(conn, role):
            _change_roles(conn, f"CREATE ROLE {role} NOLOGIN")
    for role, member, how in _MEMBERS:
        if not _can_take(conn, member, role):
            _change_roles(conn, _grant(role, member, how))
    for role in missing_roles(conn):
        _change_roles(conn, f"GRANT {role} TO CURRENT_USER WITH SET TRUE, INHERIT TRUE")


def missing_roles(conn: Connection) -> list[Role]:
    """Roles that this login can't take, whether or not they exist."""
    return [role for role in Role if not _can_take(conn, None, role)]


def what_to_type(conn: Connection) -> str:
    """For a superuser of the database, where this login can't help itself."""
    commands = [f"CREATE ROLE {role};" for role in Role if not _is_there(conn, role)]
    commands += [_grant(role, member, how) for role, member, how in _MEMBERS if not _can_take(conn, member, role)]
    login = conn.scalar(text("SELECT quote_ident(session_user)"))
    commands.append(f"GRANT {', '.join(missing_roles(conn))} TO {login};")
    return (
        "Run `personas migrate` with a login that may create roles, or have a superuser of the database type: "
        + " ".join(commands)
    )


def _grant(role: Role, member: Role, how: str) -> str:
    return f"GRANT {role} TO {member} WITH SET TRUE, {how};"


def _is_there(conn: Connection, role: Role) -> bool:
    return bool(conn.scalar(text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)"), {"role": role}))


def _can_take(conn: Connection, member: Role | None, role: Role) -> bool:
    facts: dict[str, Any] = {"member": member, "role": role}
    known = text(
        "SELECT pg_has_role(coalesce(m.oid, session_user::regrole), r.oid, 'SET') FROM pg_roles r"
        " LEFT JOIN pg_roles m ON m.rolname = CAST(:member AS text) WHERE r.rolname = :role"
    )
    return bool(conn.scalar(known, facts))


def _change_roles(conn: Connection, command: str) -> None:
    try:
        with conn.begin_nested():
            conn.execute(text(command))
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None)
        if state == NOT_ALLOWED:
            raise RoleRefused(f"This login may not make the database's roles. {what_to_type(conn)}") from None
        if state not in _THERE_ALREADY:
            raise
