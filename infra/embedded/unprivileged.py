"""PostgreSQL refuses to run as root: who runs it then, and how that account reaches files in a closed folder."""

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import PersonaImportError

ACCOUNT = "pgserver"  # the name that the wheel of PostgreSQL uses

# Bits of /proc/self/status's CapEff, the narrower one first.
_CAPABILITIES = (("dac_read_search", 2), ("dac_override", 1))


class UnreachableByAccount(PersonaImportError):
    """Run by root, PostgreSQL needs a folder that other users can enter: move the checkout and PERSONAS_HOME there,
    or run this as an ordinary user."""

    def __init__(self) -> None:
        super().__init__(" ".join((self.__doc__ or "").split()))


@dataclass(frozen=True, slots=True)
class Account:
    """A system user by number."""

    uid: int
    gid: int


def choose_account(folder: Path) -> Account | None:
    """Who runs the server with its data in `folder`: None for ourselves; for root its owner, else `pgserver`."""
    if os.geteuid() != 0:
        return None
    owner = folder.stat() if folder.exists() else None
    if owner is not None and owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    entry = _system_user()
    return Account(entry.pw_uid, entry.pw_gid)


def entry_command(account: Account | None, needed: Iterable[Path]) -> tuple[str, ...]:
    """What to put before a command for `account` so that it reaches the `needed` paths; empty if nothing is in the way.

    A clone below /root, say, is closed to every other user. Opening other people's folders is not ours to do, so the
    server keeps the one right of root that it needs: to pass through folders and to read. Raises `UnreachableByAccount`
    where root itself has not got it.
    """
    if account is None or all(_can_reach(account, path) for path in needed):
        return ()
    setpriv = shutil.which("setpriv")
    capability = next((name for name, bit in _CAPABILITIES if _effective_capabilities() >> bit & 1), None)
    if setpriv is None or capability is None:
        raise UnreachableByAccount
    return (
        setpriv,
        f"--reuid={account.uid}",
        f"--regid={account.gid}",
        "--clear-groups",
        f"--inh-caps=-all,+{capability}",
        f"--ambient-caps=-all,+{capability}",
        "--",
    )


def open_programs(folder: Path, program: Path) -> None:
    """Let other users read and run what the wheel installed, if root's umask kept them out."""
    if os.geteuid() != 0 or program.stat().st_mode & stat.S_IXOTH:
        return
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        _add_system_user()
    for name in (ACCOUNT, "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise UnreachableByAccount


def _add_system_user() -> None:
    """As the wheel itself does it, but without a home folder. Failing is no harm: there is `nobody` still."""
    useradd = shutil.which("useradd") or shutil.which("useradd", path="/usr/sbin:/sbin")
    if useradd is not None:
        command = (useradd, "--system", "--no-create-home", "--shell", "/bin/false", ACCOUNT)
        subprocess.run(command, check=False, capture_output=True)


def _can_reach(account: Account, path: Path) -> bool:
    return all(_may_enter(account, folder.stat()) for folder in path.resolve().parents)


def _may_enter(account: Account, folder: os.stat_result) -> bool:
    if folder.st_uid == account.uid:
        return bool(folder.st_mode & stat.S_IXUSR)
    if folder.st_gid == account.gid:
        return bool(folder.st_mode & stat.S_IXGRP)
    return bool(folder.st_mode & stat.S_IXOTH)


def _effective_capabilities() -> int:
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1], 16) for line in lines if line.startswith("CapEff:")), 0)
