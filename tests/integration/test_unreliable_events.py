"""Two hundred files whose events come twice, in any order, and some never: one import for each version of each."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from infra.services import Address
from tests.integration.test_bucket_sweep import list_account, sweep
from tests.integration.test_events import DOOR, serve
from tests.running import Running
from tests.unit.intake.bodies import minio_body, s3_body, s3_record, seaweedfs_body

pytestmark = pytest.mark.services

FILES, DROPPED, OVERWRITTEN = 200, 40, 20


def test_one_version_is_one_import_whatever_becomes_of_its_events(system: Running) -> None:
    rng, account, store = random.Random(40), system.make_account(), system.system.store
    keys = [f"uploads/{account}/{number}.csv" for number in range(FILES)]
    tools = replace(system.system.tools, clock=lambda: datetime.now(UTC) + timedelta(minutes=1))
    # The doorbells go nowhere: this is about imports, and nobody need work on them.
    deaf = replace(system.system, services=replace(system.system.services, broker=Address("memory://", None)))
    with serve(deaf) as door, ThreadPoolExecutor(4) as pool:

        def tell(told: list[str]) -> None:
            twice = told * 2
            rng.shuffle(twice)
            makers = (lambda key: s3_body(s3_record(store.bucket, key)), lambda key: minio_body(store.bucket, key))
            bodies = [rng.choice((*makers, lambda key: seaweedfs_body(store.bucket, key)))(key) for key in twice]
            assert {answer.status_code for answer in pool.map(lambda body: door.post(DOOR, json=body), bodies)} == {200}

        list(pool.map(lambda key: store.put_bytes(key, key.encode() + b"\n"), keys))
        told = rng.sample(keys, FILES - DROPPED)
        tell(told)
        swept = [sweep(tools, list_account(system, account))[0] for _ in range(2)]
        # What comes late tells of nothing new.
        tell(rng.sample(keys, DROPPED))
        for key in keys[:OVERWRITTEN]:
            store.put_bytes(key, b"again\n")
        tell(keys[:OVERWRITTEN])
    assert swept == [DROPPED, 0]
    made = system.select("SELECT key, etag, trigger FROM imports WHERE key LIKE :keys", keys=f"uploads/{account}/%")
    with system.system.engine.begin() as conn:
        cancel = text("UPDATE imports SET status = 'cancelled', finished_at = now() WHERE key LIKE :keys")
        conn.execute(cancel, {"keys": f"uploads/{account}/%"})
    assert len({(each["key"], each["etag"]) for each in made}) == len(made) == FILES + OVERWRITTEN
    assert Counter(each["trigger"] for each in made) == {"event": FILES - DROPPED + OVERWRITTEN, "sweep": DROPPED}
    assert {each["key"] for each in made if each["trigger"] == "event"} - set(told) <= set(keys[:OVERWRITTEN])
