"""dlt: a resource merged by upsert into a table of its own.

It finds by one key, the e-mail: rows without one, and later rows of one, are left out, since the strategy fails on
them. A blank overwrites. One table with one index; no ledger, balance, consent, audience or report.
"""

import csv
import os
import tempfile
from collections.abc import Iterator
from typing import Any

import dlt

from bench.peers.contest import TEXTS, Task, read_email, read_phone, read_rows, run

_DATES = {"birthday": {"data_type": "date"}, "loyalty_signup_date": {"data_type": "date"}}


def prepare(task: Task) -> None:
    """The people who are there before, in dlt's own table."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    with task.population.open(encoding="utf-8", newline="") as file:
        _open(task).run(_make_resource(_trim(row) for row in csv.DictReader(file)), loader_file_format="csv")


def load(task: Task) -> int:
    pipeline = _open(task)
    pipeline.run(_make_resource(_read(task)), loader_file_format="csv")
    with pipeline.sql_client() as client:
        return int(client.execute_sql("SELECT count(*) FROM customers")[0][0])


def _read(task: Task) -> Iterator[dict[str, Any]]:
    seen = set()
    for row in read_rows(task.file):
        email = read_email(row["Email"])
        if email is None or email in seen:
            continue
        seen.add(email)
        birthday = row["Birthday"]
        yield {
            **{column: row[header] or None for header, column in TEXTS.items()},
            "email": email,
            "phone": read_phone(row["Phone"]),
            "birthday": f"{birthday[6:]}-{birthday[:2]}-{birthday[3:5]}" if birthday else None,
            "loyalty_signup_date": row["Loyalty Signup Date"] or None,
            "veteran": row["Veteran"] or None,
        }


def _trim(row: dict[str, str]) -> dict[str, Any]:
    kept = ("email", "phone", "birthday", "loyalty_signup_date", *TEXTS.values())
    return {name: row[name] or None for name in kept} | {"veteran": None}


def _make_resource(rows: Iterator[dict[str, Any]]) -> Any:
    return dlt.resource(
        rows,
        name="customers",
        primary_key="email",
        columns={"email": {"nullable": False}, "veteran": {"data_type": "text"}, **_DATES},
        write_disposition={"disposition": "merge", "strategy": "upsert"},
    )


def _open(task: Task) -> Any:
    return dlt.pipeline(
        "peer",
        pipelines_dir=os.environ.setdefault("PEER_FOLDER", tempfile.mkdtemp(prefix="personas-peer-")),
        dataset_name="peer",
        destination=dlt.destinations.postgres(task.database),
    )


if __name__ == "__main__":
    run(load, prepare)
