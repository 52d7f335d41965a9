"""The Celery app: queues, settings, and how a worker process opens its system. Owns no task's work."""

from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_process_init
from kombu import Queue

from infra.log import configure_logging

IMPORTS_QUEUE = "imports"
# Beside the workers that take everything one takes these alone: the others may all be at large files for long.
SMALL_FILES_QUEUE = "small-files"
# The periodic tasks travel on this one: brokers are asked for each queue in turn, so that sweeps never wait for parts.
TEXTS_QUEUE = "texts"
_QUEUES = (IMPORTS_QUEUE, SMALL_FILES_QUEUE, TEXTS_QUEUE)
#: Seconds between two runs of the periodic tasks.
SWEEP_EVERY = 1.0
TEXTS_EVERY = 5.0
PURGE_EVERY = 3600.0
BUCKET_SWEEP_EVERY = 15.0

_SETTINGS = {
    # A message is only a doorbell: off the queue before work starts, rung again by the sweep where work was lost.
    "task_acks_late": False,
    "task_ignore_result": True,
    "task_store_errors_even_if_ignored": False,
    "task_serializer": "json",
    "accept_content": ["json"],
    "task_create_missing_queues": False,
    "task_default_queue": IMPORTS_QUEUE,
    "task_publish_retry": False,
    "worker_prefetch_multiplier": 1,
    # Or a doorbell would wait for the long part that its worker is at, while another worker is idle.
    "worker_disable_prefetch": True,
    "worker_max_tasks_per_child": 500,
    # KiB, looked at between tasks; well above what any part takes, since a new child may be five seconds in coming.
    "worker_max_memory_per_child": 390_000,
    "worker_send_task_events": True,
    "task_send_sent_event": True,
    "worker_hijack_root_logger": False,
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    "broker_connection_retry_on_startup": True,
    # The longest stage is one reading of a ten-million-row file.
    "task_soft_time_limit": 1_800,
    "task_time_limit": 1_860,
    "broker_transport_options": {
        "visibility_timeout": 3_600,
        "socket_timeout": 15,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        # Seconds; a worker whose broker fell silent connects again after at most twice that.
        "health_check_interval": 10,
        "global_keyprefix": "personas:",
    },
    "beat_max_loop_interval": 1.0,
    "timezone": "UTC",
}


def make_app(broker_url: str, bucket_sweep_every: float = BUCKET_SWEEP_EVERY) -> Celery:
    """An app on this broker that can ring for tasks, by name and on time; it knows none of their work.

    `bucket_sweep_every` is in seconds.
    """
    app = Celery("personas", broker=broker_url, set_as_current=False)
    app.conf.update(_SETTINGS)
    app.conf.task_queues = tuple(map(Queue, _QUEUES))
    every = {
        "imports.sweep": SWEEP_EVERY,
        "buckets.sweep": bucket_sweep_every,
        "staging.purge": PURGE_EVERY,
        "texts.send": TEXTS_EVERY,
    }
    app.conf.beat_schedule = {name: _schedule(name, seconds) for name, seconds in every.items()}
    return app


def make_worker_app(broker_url: str) -> Celery:
    """The same with the tasks themselves: the six stages and the periodic ones."""
    from workers.tasks import register

    app = make_app(broker_url)
    register(app)
    return app


def _schedule(task: str, seconds: float) -> dict[str, Any]:
    # What waited longer for a worker than until the next two of its kind is not needed any more.
    return {"task": task, "schedule": seconds, "options": {"expires": 2 * seconds, "queue": TEXTS_QUEUE}}


def run_worker(broker_url: str, name: str, concurrency: int, *, small_files: bool = False) -> None:
    """Be a worker until told to stop; SIGTERM lets the parts at hand finish. `small_files`: of no others."""
    from pipeline.rows.phones import list_full_area_codes
    from workers.memory import spare_memory
    from workers.processes import warm_up

    spare_memory()
    _log_as(name)
    # Before the fork what all processes share, after it what each needs for itself.
    list_full_area_codes()
    worker_process_init.connect(warm_up, weak=False)
    queues = _QUEUES[1:] if small_files else _QUEUES
    make_worker_app(broker_url).worker_main(
        [
            "--quiet",
            "worker",
            f"--hostname={name}@%h",
            f"--concurrency={concurrency}",
            f"--queues={','.join(queues)}",
            "--without-gossip",
            "--without-mingle",
            "--loglevel=WARNING",
        ]
    )


def run_beat(broker_url: str, schedule_file: str, bucket_sweep_every: float = BUCKET_SWEEP_EVERY) -> None:
    """Be the one process that rings the periodic tasks."""
    _log_as("beat")
    from celery.apps.beat import Beat

    app = make_app(broker_url, bucket_sweep_every)
    Beat(app=app, loglevel="WARNING", schedule=schedule_file, quiet=True).run()


def _log_as(process: str) -> None:
    configure_logging(process)
    # Celery sets up loggers of its own unless somebody listens here.
    setup_logging.connect(_leave_logging_alone, weak=False)


def _leave_logging_alone(**_: object) -> None: ...
