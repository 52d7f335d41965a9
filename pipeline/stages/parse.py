"""Stage 1: the object becomes part files in the bucket, once, and its columns a mapping. Touches no persona."""

import hashlib
import json
import tempfile
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from pipeline import staging
from pipeline.files.limits import ReadLimits
from pipeline.files.parts import part_key
from pipeline.files.reader import read_file, started_child
from pipeline.imports import confine
from pipeline.mapping import saved
from pipeline.mapping.proposal import propose
from pipeline.mapping.reasons import explain
from pipeline.sql import statement
from pipeline.work import Advance, Batch, Import, Next, Park, Progress, Tools
from schemas import codes
from schemas.errors import ImportRefused, WrongCommand
from schemas.mapping import Mapping
from schemas.parts import FileProfile
from schemas.states import ImportStatus, StageName


@dataclass(frozen=True, slots=True)
class Parsed:
    """What one reading of the file gave; the part files are in the bucket under `prefix`."""

    profile: FileProfile
    mapping: Mapping
    sha256: str
    prefix: str


def prepare(tools: Tools, batch: Batch) -> Parsed:
    """Read the object and upload its parts, under a prefix of this attempt alone: two readers can't mix theirs."""
    work = batch.work
    prefix = f"imports/{work.id}/parts/{uuid.uuid4().hex}/"
    scratch = tempfile.TemporaryDirectory(dir=tools.scratch, prefix=f"import-{work.id}-")
    with scratch as folder, started_child() as child:
        source = Path(folder) / "object"
        tools.store.download(work.key, source, work.version_id, work.etag)
        with source.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        profile = read_file(
            source,
            work.options,
            Path(folder),
            ReadLimits(),
            lambda index, path: tools.store.put_file(part_key(prefix, index), path),
            child,
        )
    return Parsed(profile, _propose(tools, work, profile), sha256, prefix)


def _propose(tools: Tools, work: Import, profile: FileProfile) -> Mapping:
    with tools.engine.begin() as conn:
        confine(conn, work.account.id, work.id)
        known = saved.find_mapping(conn, work.account.id, work.options.mapping, profile.headers)
    try:
        return propose(profile, work.account.region, work.options, known)
    except WrongCommand as wrong:
        raise ImportRefused("bad_options", str(wrong)) from None


def perform(conn: Connection, tools: Tools, batch: Batch, prepared: Parsed) -> Progress:
    """Note what was learned, and make room for the staging rows."""
    profile = prepared.profile
    facts = {
        "import_id": batch.work.id,
        "sha256": prepared.sha256,
        "prefix": prepared.prefix,
        "rows": profile.rows,
        "profile": json.dumps(_without_values(profile)),
        "mapping": json.dumps(asdict(prepared.mapping)),
    }
    conn.execute(statement("parse", "note_parsed"), facts)
    staging.create_rows(conn, batch.work.id)
    if batch.work.options.save_mapping:
        saved.save_mapping(conn, batch.work.account.id, batch.work.options.save_mapping, prepared.mapping)
    return Progress(rows=profile.rows)


def _without_values(profile: FileProfile) -> dict[str, Any]:
    """The profile as the history keeps it: counts of shapes, no value of any cell."""
    told = asdict(profile)
    for column in told["columns"]:
        del column["examples"]
    remark = next(iter(profile.remarks), None)
    told["said"] = {"code": remark, "message": codes.sentence(remark)} if remark else None
    return told


def close(conn: Connection, tools: Tools, work: Import) -> Next:
    """One map part for each part file; or stop until a person has decided what the columns mean."""
    if work.mapping["doubt"]:
        mapping = Mapping(**work.mapping)
        return Park(ImportStatus.NEEDS_MAPPING, work.mapping["doubt"], explain(mapping))
    return Advance(StageName.MAP, range(len(work.profile["part_rows"])))
