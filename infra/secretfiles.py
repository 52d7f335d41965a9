"""Secrets that nobody set: made once, kept under PERSONAS_HOME, readable by their owner alone."""

import os
from pathlib import Path

SECRETS_FOLDER = "secrets"


def make_private_folder(folder: Path) -> Path:
    """Create `folder` with mode 700 (its parents too); a folder that is there keeps its mode."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def write_private_file(path: Path, text: str) -> None:
    """Replace `path` in one step with a file of mode 600 holding `text`."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def kept_secret(home: Path, name: str) -> str:
    """The secret `name` of this home; made at the first call. All processes get the same one."""
    path = make_private_folder(home / SECRETS_FOLDER) / name
    if not path.exists():
        import secrets  # late: a home is new only once

        draft = path.with_name(f".{name}.{os.getpid()}.{os.urandom(4).hex()}")
        write_private_file(draft, secrets.token_urlsafe(32))
        try:
            # A hard link fails when somebody was faster, so the first one wins for everybody.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="utf-8").strip()
