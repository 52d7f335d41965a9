"""The sweep of the bucket: finds uploads that no event told of. Owns the looking; the import is `submission`'s."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import structlog

from infra.objectstore import ObjectHead, ObjectStore
from pipeline import sightings
from pipeline.faults import is_passing, place_of
from pipeline.submission import UPLOADS, account_of, submit
from pipeline.work import Doorbell, Tools
from schemas.errors import WrongCommand
from schemas.states import Trigger
from workers.intake.admission import hash_key

log = structlog.get_logger()

#: An event gets this long to be first.
_GRACE = timedelta(seconds=10)
_LOOKED_UP_AT_ONCE = 5_000
#: One run submits no more than this; what is left, the next one finds.
_AT_MOST = 500

Ring = Callable[[Sequence[Doorbell]], None]


def sweep_bucket(tools: Tools, store: ObjectStore, ring: Ring) -> int:
    """Submit what lies in the bucket without an import; how many imports that made. One at a time, anywhere."""
    with sightings.sole_sweep(tools.engine) as alone:
        if not alone:
            return 0
        found = list(itertools.islice(_find(tools, store), _AT_MOST))
        made = sum(_submit(tools, key, ring) for key in found)
    if made:
        # Files are meant to be told of by events: each of these says that the path of the events has a hole.
        log.warning("objects_swept", count=made)
    return made


def _find(tools: Tools, store: ObjectStore) -> Iterator[str]:
    nameless = 0
    listed = (each for each in store.list(UPLOADS) if _is_due(each, tools.clock()))
    while page := list(itertools.islice(listed, _LOOKED_UP_AT_ONCE)):
        accounts = {each.key: account_of(each.key) or "" for each in page}
        with tools.engine.connect() as conn:
            unknown = sightings.find_unknown(conn, store.bucket, page)
            known = sightings.known_accounts(conn, sorted({accounts[key] for key in unknown}))
        nameless += sum(accounts[key] not in known for key in unknown)
        yield from (key for key in unknown if accounts[key] in known)
    if nameless:
        log.info("objects_without_account", count=nameless)


def _is_due(seen: ObjectHead, now: datetime) -> bool:
    """Whether it could be an upload, and its event has had its time, whichever of the two clocks is ahead."""
    if account_of(seen.key) is None or seen.key.endswith("/"):
        return False
    return seen.modified is None or abs(now - seen.modified) >= _GRACE


def _submit(tools: Tools, key: str, ring: Ring) -> bool:
    """Whether an import was made; a failure is logged, since the next sweep comes soon."""
    try:
        submission = submit(tools, key, Trigger.SWEEP)
    except WrongCommand:
        return False
    except Exception as error:  # noqa: BLE001 - one object must not keep back the others
        say = log.warning if is_passing(error) else log.error
        say("object_unsettled", key_hash=hash_key(key), error=type(error).__name__, place=place_of(error))
        return False
    if submission is None or not submission.created:
        return False
    ring(submission.doorbells)
    log.info("import_submitted", import_id=submission.import_id)
    return True
