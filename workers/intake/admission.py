"""Acts on events: each one that tells of an object of ours makes its import, once. Owns no format and no import."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import structlog

from infra.metrics import EVENTS
from pipeline.faults import is_passing, place_of
from pipeline.submission import account_of, submit
from pipeline.work import Doorbell, Tools
from schemas.errors import WrongCommand
from schemas.events import ObjectEvent
from schemas.states import Trigger

log = structlog.get_logger()

_KEY_LIMIT = 1024  # bytes, of the protocol
_DOTS = frozenset({"", ".", ".."})
_UNCLEAR = re.compile(r"[\x00-\x1f\x7f\\]")


@dataclass(slots=True)
class Taken:
    """What became of some events. `unsettled` ones could not be decided now: whoever told should tell them again."""

    doorbells: list[Doorbell] = field(default_factory=list)
    made: int = 0
    known: int = 0
    ignored: int = 0
    unsettled: int = 0


def take_events(tools: Tools, events: Iterable[ObjectEvent]) -> Taken:
    """Make the imports of these objects, one for each version however often it is told; all of it is committed.

    Never raises for one event, so that none keeps back the others. The caller rings `doorbells`.
    """
    taken = Taken()
    for event in dict.fromkeys(events):
        try:
            result = _take(tools, event, taken)
        except WrongCommand:
            result = _ignore(event, "unknown_account", taken)
        except Exception as error:  # noqa: BLE001 - told again by the sender or found by the sweep; the others go on
            result = "unsettled"
            taken.unsettled += 1
            say = log.warning if is_passing(error) else log.error
            say("event_unsettled", provider=event.provider, error=type(error).__name__, place=place_of(error))
        EVENTS.labels(event.provider, result).inc()
    return taken


def hash_key(key: str) -> str:
    """What stands for a key in the log, as a file may be called after somebody: 16 digits of its SHA-256."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def is_plain_key(key: str) -> bool:
    """Whether a key can only mean itself.

    Some stores find an object under several spellings (`a//b`, `a/./b`, `a\\b`), and each would be an import of its
    own. Objects really called so are found by the sweep, under the name that the store itself gives.
    """
    try:
        fits = len(key.encode()) <= _KEY_LIMIT
    except UnicodeEncodeError:
        return False
    return fits and not _UNCLEAR.search(key) and not _DOTS.intersection(key.split("/"))


def _take(tools: Tools, event: ObjectEvent, taken: Taken) -> str:
    if event.bucket != tools.store.bucket:
        return _ignore(event, "other_bucket", taken)
    spelt = [key for key in (event.key, event.other_key) if key is not None and account_of(key) and is_plain_key(key)]
    if not spelt:
        return _ignore(event, "other_key", taken)
    # Objects of both spellings may be there. Both are uploads then, and an import of each is right whoever told.
    submissions = [each for key in spelt if (each := submit(tools, key, Trigger.EVENT, event.version_id))]
    if not submissions:
        return _ignore(event, "no_object", taken)
    made = [each for each in submissions if each.created]
    for each in made:
        log.info("import_submitted", import_id=each.import_id, provider=event.provider)
        taken.doorbells.extend(each.doorbells)
    taken.made += len(made)
    taken.known += not made
    return "made" if made else "known"


def _ignore(event: ObjectEvent, reason: str, taken: Taken) -> str:
    taken.ignored += 1
    # An account that is not there is most likely a folder misspelt, and somebody should know.
    say = log.warning if reason == "unknown_account" else log.info
    say("event_ignored", reason=reason, provider=event.provider, key_hash=hash_key(event.key))
    return reason
