"""The values that runner and stages hand to each other. Owns no behaviour."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Engine

from schemas.options import ImportOptions
from schemas.states import ImportStatus, StageName


class StoredObject(Protocol):
    """What the store says of one object; `size` in bytes."""

    @property
    def key(self) -> str:
        """Its name in the bucket."""

    @property
    def etag(self) -> str:
        """Its entity tag, without quotes."""

    @property
    def version_id(self) -> str | None:
        """Its version, in a versioned bucket."""

    @property
    def size(self) -> int:
        """Its length in bytes."""

    @property
    def metadata(self) -> dict[str, str]:
        """What was said about it when it was put."""


class Store(Protocol):
    """The object store as stages see it; errors are those of `schemas.errors`."""

    @property
    def bucket(self) -> str:
        """The bucket that everything is in."""

    def head(self, key: str, version_id: str | None = None) -> StoredObject | None:
        """The object as it is now; None if there is none."""

    def download(self, key: str, path: Path, version_id: str | None, etag: str) -> None:
        """Stream exactly this version into a file; raises SourceChanged."""

    def get_bytes(self, key: str) -> bytes:
        """The whole of a small object."""

    def put_file(self, key: str, path: Path, metadata: dict[str, str] | None = None) -> None:
        """Write or replace an object from a file."""

    def put_bytes(self, key: str, data: bytes) -> None:
        """Write or replace a small object."""

    def delete_prefix(self, prefix: str) -> int:
        """Delete everything below a prefix; how many objects that were."""

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Every object below a prefix."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What stages are given from outside."""

    engine: Engine
    store: Store
    #: Key of the blocklist's hashes; the database never sees it.
    blocklist_key: bytes
    #: Folder for the files of one attempt.
    scratch: Path
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Account:
    """One retailer, with the settings that imports ask for."""

    id: int
    name: str
    region: str
    timezone: str
    double_opt_in: str
    confirm_opt_ins: bool
    terms_accepted_by: str | None


@dataclass(frozen=True, slots=True)
class Import:
    """One import as it stood when the batch began."""

    id: int
    account: Account
    turn: int
    name: str
    status: ImportStatus
    stage: StageName
    dry_run: bool
    options: ImportOptions
    approved: frozenset[str]
    terms_accepted_by: str | None
    bucket: str
    key: str
    version_id: str | None
    etag: str
    bytes: int
    sha256: str | None
    #: What parse learned and decided; empty before.
    profile: dict[str, Any]
    mapping: dict[str, Any]
    parts_prefix: str | None
    in_lane: bool
    plan_entry: int | None
    plan_seen: str | None
    message: str | None


@dataclass(frozen=True, slots=True)
class Batch:
    """One checkpoint under work."""

    work: Import
    stage: StageName
    part: int
    task_id: str


@dataclass(frozen=True, slots=True)
class Progress:
    """What one batch did: rows, and counts by name that add up over parts."""

    rows: int = 0
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Advance:
    """Open these parts of a stage."""

    stage: StageName
    parts: Sequence[int] = (0,)


@dataclass(frozen=True, slots=True)
class Park:
    """Stop until a person answers."""

    status: ImportStatus
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Finish:
    """The import is at its end; a plan may name what would stop it at the gate."""

    status: ImportStatus
    obstacle: Park | None = None


Next = Advance | Park | Finish


class Stage(Protocol):
    """A stage is a module with these three functions."""

    def prepare(self, tools: Tools, batch: Batch) -> Any:
        """Work outside of any transaction, without effect on the database."""

    def perform(self, conn: Connection, tools: Tools, batch: Batch, prepared: Any) -> Progress:
        """The effect of one part, in the transaction that also advances its checkpoint."""

    def close(self, conn: Connection, tools: Tools, work: Import) -> Next:
        """What comes after the last part, in that part's transaction."""


@dataclass(frozen=True, slots=True, order=True)
class Doorbell:
    """`Look at this part`: losing, doubling or reordering one changes nothing."""

    stage: StageName
    import_id: int
    part: int
    #: Its file is small, and need not stand in the queue of the large ones.
    small: bool = field(default=False, compare=False)
