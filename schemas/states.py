"""The words for every state a thing can be in, written once. Owns no moves between them."""

from enum import StrEnum


class ImportStatus(StrEnum):
    """Where an import stands, as `import --json` prints it."""

    RECEIVED = "received"
    NEEDS_MAPPING = "needs_mapping"
    NEEDS_APPROVAL = "needs_approval"
    WAITING = "waiting"
    RUNNING = "running"
    COMPLETED = "completed"
    PLANNED = "planned"
    FAILED = "failed"
    CANCELLED = "cancelled"


#: Nothing goes on by itself from here.
FINAL = frozenset({ImportStatus.COMPLETED, ImportStatus.PLANNED, ImportStatus.FAILED, ImportStatus.CANCELLED})
#: A person must answer first.
WAITS_FOR_PERSON = frozenset({ImportStatus.NEEDS_MAPPING, ImportStatus.NEEDS_APPROVAL})


class StageName(StrEnum):
    """The six stages, in order."""

    PARSE = "parse"
    MAP = "map"
    DEDUPE = "dedupe"
    APPLY = "apply"
    AUDIENCE = "audience"
    TEXTS = "texts"


class CheckpointState(StrEnum):
    """How far a part of a stage is."""

    OPEN = "open"
    DONE = "done"


class AttemptOutcome(StrEnum):
    """How one delivery of a task ended; a running attempt has none yet."""

    DONE = "done"
    FAILED = "failed"
    LOST = "lost"
    SUPERSEDED = "superseded"


class PersonaStatus(StrEnum):
    """Whether a persona takes part; a merged one answers for its survivor."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    MERGED = "merged"


class Consent(StrEnum):
    """A shopper's permission for one channel."""

    UNKNOWN = "unknown"
    PENDING = "pending"
    OPTED_IN = "opted_in"
    OPTED_OUT = "opted_out"


class Outcome(StrEnum):
    """What happened to one row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"
    SKIPPED = "skipped"


class TextState(StrEnum):
    """One double opt-in text: a row with a `send_at`, never a delayed message."""

    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


class Meaning(StrEnum):
    """What an incoming text asks for; `none` is no command."""

    STOP = "stop"
    START = "start"
    YES = "yes"
    HELP = "help"
    NONE = "none"


class Trigger(StrEnum):
    """What told us of the file."""

    CLI = "cli"
    EVENT = "event"
    SWEEP = "sweep"
    CONSOLE = "console"
    API = "api"


#: An import that goes on by itself.
ACTIVE = frozenset({ImportStatus.RECEIVED, ImportStatus.WAITING, ImportStatus.RUNNING})
#: Stages that one import of an account has to itself.
LANE_STAGES = frozenset({StageName.DEDUPE, StageName.APPLY, StageName.AUDIENCE, StageName.TEXTS})
