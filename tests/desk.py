"""Staff at work in an account of their own: the commands on personas as tests use them."""

from collections import deque
from typing import Any

from sqlalchemy import text

from pipeline import runner
from pipeline.personas import accounts
from pipeline.personas.changes import Manner
from pipeline.personas.consent import Channel, shopper_start, shopper_stop
from pipeline.personas.editing import add_persona, edit_persona
from pipeline.personas.finding import show_persona
from pipeline.personas.forgetting import Forgotten, forget_persona
from pipeline.personas.merging import merge_personas
from pipeline.personas.objects import Persona
from pipeline.personas.unmerging import unmerge_persona
from pipeline.submission import submit
from pipeline.work import Account
from schemas.states import Trigger
from tests.running import Running


class Desk:
    """Staff of one account at work."""

    def __init__(self, system: Running, **settings: Any) -> None:
        self.system, self.name = system, system.make_account(**settings)
        self.tools = system.system.tools

    @property
    def account(self) -> Account:
        with self.tools.engine.connect() as conn:
            return accounts.find_account(conn, self.name)

    def add(self, reason: str | None = None, **values: str) -> int:
        return add_persona(self.tools, self.account, _fields(values), Manner("ann", reason))

    def edit(self, who: str, reason: str | None = None, negative: bool = False, **values: str) -> int:
        return edit_persona(self.tools, self.account, who, _fields(values), Manner("ann", reason, negative))

    def merge(self, survivor: str, other: str) -> int:
        return merge_personas(self.tools, self.account, survivor, other, by="ann")

    def unmerge(self, who: str) -> int:
        return unmerge_persona(self.tools, self.account, who, by="ann")

    def forget(self, who: object) -> Forgotten:
        return forget_persona(self.tools, self.account, str(who))

    def stop(self, persona_id: int, channel: Channel = "sms") -> None:
        with self.tools.engine.begin() as conn:
            shopper_stop(conn, self.account.id, persona_id, channel, "STOP")

    def start(self, persona_id: int, channel: Channel = "sms") -> None:
        with self.tools.engine.begin() as conn:
            shopper_start(conn, self.account.id, persona_id, channel, "YES")

    def show(self, who: object) -> Persona:
        with self.tools.engine.connect() as conn:
            return show_persona(conn, self.account, str(who))

    def load(self, csv: str, **options: Any) -> dict[str, Any]:
        done = self.system.run_here(self.name, csv.encode(), **{"again": True, **options})
        assert done["status"] == "completed", done["message"]
        return done

    def events(self, persona_id: int) -> list[tuple[str, str, str, str]]:
        rows = self.system.select(
            "SELECT channel, old, new, actor FROM consent_events WHERE persona_id = :id ORDER BY at", id=persona_id
        )
        return [tuple(row.values()) for row in rows]

    def schedule_text(self, persona_id: int, phone: str) -> None:
        with self.system.system.engine.begin() as conn:
            conn.execute(
                text(
                    "INSERT INTO double_opt_in_texts (account_id, persona_id, phone, attempt, send_at) "
                    "VALUES (:account, :persona, :phone, 1, now() + interval '1 day')"
                ),
                {"account": self.account.id, "persona": persona_id, "phone": phone},
            )

    def texts(self, persona_id: int) -> list[str]:
        rows = self.system.select("SELECT state FROM double_opt_in_texts WHERE persona_id = :id", id=persona_id)
        return [row["state"] for row in rows]


def _fields(values: dict[str, str]) -> dict[str, str]:
    return {name.replace("__", ":").replace("_SPACE_", " "): value for name, value in values.items()}


class paused:  # noqa: N801 - reads as a word of the test
    """An import that stands before a stage while the body runs, and then goes on to its end."""

    def __init__(self, desk: Desk, csv: str, stage: str, **options: Any) -> None:
        self._desk, self._csv, self._stage, self._options = desk, csv, stage, {"again": True, **options}

    def __enter__(self) -> int:
        tools = self._desk.system.worker_tools
        key = self._desk.system.put(self._desk.name, self._csv.encode(), **self._options)
        submission = submit(tools, key, Trigger.EVENT)
        assert submission is not None
        waiting, self._later = deque(submission.doorbells), list[Any]()
        while waiting:
            bell = waiting.popleft()
            if bell.stage == self._stage:
                self._later.append(bell)
            else:
                runner.run_part(tools, bell, f"paused-{bell.stage}-{bell.part}", waiting.extend)
        return submission.import_id

    def __exit__(self, *_: object) -> None:
        self._desk.system.ring_here(self._later)
