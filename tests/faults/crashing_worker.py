"""A worker, or its beat, that obeys a test's orders: the product's own but for the hook and a few constants.

Use: python -m tests.faults.crashing_worker worker --orders FOLDER [...]
"""

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

from console.processes import follow_parent


def main() -> None:
    told = _arguments().parse_args()
    follow_parent(told.parent)
    _set_constants(told)
    from infra.services import running_services
    from infra.settings import load_settings
    from workers.app import run_beat, run_worker

    settings = load_settings()
    broker = running_services(settings).broker_url
    if told.role == "beat":
        run_beat(broker, str(settings.home / "run" / f"{told.name}.schedule"))
        return
    # A child that takes the place of a dead one has these from its parent, instead of a second later.
    import boto3.session  # noqa: F401
    import pandas  # noqa: F401, ICN001

    from pipeline import steps
    from tests.faults.orders import obey

    steps.hook = obey(told.orders)
    if told.deliveries:
        _repeat_doorbells(told.deliveries, told.seed)
    if told.without_lock:
        _take_lock_out()
    run_worker(broker, told.name, told.concurrency)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=["worker", "beat"])
    parser.add_argument("--name", required=True)
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--orders", type=Path, required=True)
    parser.add_argument("--concurrency", type=int, default=1)
    parser.add_argument("--part-rows", type=int, default=50)
    parser.add_argument("--part-size", type=int, default=40)
    parser.add_argument("--sweep-every", type=float, default=0.5)
    parser.add_argument("--patience", type=int, default=2, help="Seconds until a doorbell counts as lost.")
    parser.add_argument("--session-timeout", help="How long a session may stand still, as PostgreSQL writes it.")
    parser.add_argument("--impatient", action="store_true", help="Give up silent connections within two seconds.")
    parser.add_argument("--deliveries", type=int, nargs="*", help="Publish each doorbell as often as one of these.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--without-lock", action="store_true", help="Negative control: apply locks no checkpoint.")
    return parser


def _set_constants(told: argparse.Namespace) -> None:
    from infra import sessions
    from pipeline import wakefulness
    from pipeline.files import reader
    from pipeline.stages import dedupe
    from workers import app, tasks

    # The number is used in the process that reads, which begins with this text.
    smaller = f"import schemas.parts; schemas.parts.PART_ROWS = {told.part_rows}; from pipeline."
    reader._BEGIN = reader._BEGIN.replace("from pipeline.", smaller, 1)
    dedupe.PART_SIZE = told.part_size
    app.SWEEP_EVERY = told.sweep_every
    tasks._PATIENCE = told.patience
    if told.session_timeout:
        names = ("idle_in_transaction_session_timeout", "idle_session_timeout")
        sessions.SESSION_SETTINGS.update(dict.fromkeys(names, told.session_timeout))
        wakefulness.EVERY_SECONDS = 0.3
    if told.impatient:
        _lose_patience()


def _lose_patience() -> None:
    from infra import objectstore, watched
    from workers import app

    watched.SILENCE_SECONDS = objectstore.READ_SECONDS = 0.5
    watched._ASK_SECONDS = 2
    brokers = app._SETTINGS["broker_transport_options"]
    assert isinstance(brokers, dict)
    brokers.update(socket_timeout=1, health_check_interval=1)


def _repeat_doorbells(deliveries: Sequence[int], seed: int) -> None:
    from celery import Celery

    from pipeline.work import Doorbell
    from workers import doorbells as doors
    from workers import tasks

    publish, rng = doors.publish, random.Random(seed)

    def publish_often(app: Celery, doorbells: Sequence[Doorbell]) -> None:
        several = [bell for bell in doorbells for _ in range(rng.choice(deliveries))]
        rng.shuffle(several)
        publish(app, several)

    # Where the tasks look it up.
    tasks.__dict__["publish"] = publish_often


def _take_lock_out() -> None:
    """What keeps an apply part from being done twice: its row's lock, its state, and the lock that spares the work."""
    from collections.abc import Iterator
    from contextlib import contextmanager
    from dataclasses import asdict

    from sqlalchemy import Connection, text

    from pipeline import checkpoints
    from pipeline.work import Doorbell
    from schemas.states import CheckpointState, StageName

    look = text("SELECT id, crashes FROM checkpoints WHERE import_id = :import_id AND stage = :stage AND part = :part")
    hold, lock = checkpoints.holding, checkpoints.lock_checkpoint

    @contextmanager
    def holding(conn: Connection, bell: Doorbell) -> Iterator[bool]:
        if bell.stage is StageName.APPLY:
            yield True
        else:
            with hold(conn, bell) as held:
                yield held

    def lock_checkpoint(conn: Connection, bell: Doorbell) -> checkpoints.Checkpoint | None:
        if bell.stage is not StageName.APPLY:
            return lock(conn, bell)
        row = conn.execute(look, asdict(bell)).one_or_none()
        return checkpoints.Checkpoint(row.id, CheckpointState.OPEN, row.crashes) if row else None

    checkpoints.holding = holding
    checkpoints.lock_checkpoint = lock_checkpoint


if __name__ == "__main__":
    main()
