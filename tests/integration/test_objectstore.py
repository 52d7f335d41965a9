"""Objects in the embedded store for real: heads, folders, changed sources, and a store that is away."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.embedded import seaweedfs
from infra.embedded.state import load_state
from infra.objectstore import ObjectStore, StoreRefused
from infra.services import ensure_services
from infra.settings import Settings
from schemas.errors import SourceChanged, Transient
from tests.running import Running

pytestmark = pytest.mark.services


@pytest.fixture
def store(system: Running) -> Iterator[ObjectStore]:
    store = system.system.store
    yield store
    store.delete_prefix("t/")


def test_an_object_and_its_head(store: ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"one,two\n" * 1000)
    store.put_file("t/a b é%+.csv", tmp_path / "in", {"name": "Käufer 100%.csv"})
    head = store.head("t/a b é%+.csv")
    assert head is not None
    assert (head.size, head.version_id, head.metadata) == (8000, None, {"name": "Käufer 100%.csv"})
    store.download(head.key, tmp_path / "out", head.version_id, head.etag)
    assert (tmp_path / "out").read_bytes() == (tmp_path / "in").read_bytes()
    assert store.get_bytes(head.key) == (tmp_path / "in").read_bytes()
    assert store.head("t/nothing") is None


@pytest.mark.parametrize(
    "change", [lambda store: store.put_bytes("t/a", b"new"), lambda store: store.delete_prefix("t/")]
)
def test_a_changed_source_is_noticed(
    store: ObjectStore, tmp_path: Path, change: Callable[[ObjectStore], object]
) -> None:
    store.put_bytes("t/a", b"old")
    head = store.head("t/a")
    assert head is not None
    change(store)
    with pytest.raises(SourceChanged):
        store.download("t/a", tmp_path / "out", head.version_id, head.etag)


def test_list_and_delete_a_folder(store: ObjectStore) -> None:
    for number in range(12):
        store.put_bytes(f"t/x/{number:02}", b"x")
    store.put_bytes("t/xy", b"x")
    assert [each.key for each in store.list("t/x/")] == [f"t/x/{number:02}" for number in range(12)]
    assert store.delete_prefix("t/x/") == 12
    assert [each.key for each in store.list("t/")] == ["t/xy"]
    with pytest.raises(ValueError, match="folder"):
        store.delete_prefix("")


def test_a_store_that_is_away_is_transient(tmp_path: Path) -> None:
    away = ObjectStore("http://127.0.0.1:9", "personas", "us-east-1", "a", "b")
    with pytest.raises(Transient):
        away.get_bytes("t/a")
    with pytest.raises(Transient):
        away.head("t/a")


def test_another_bucket_is_made_and_a_missing_object_is_refused(system: Running, home: Path) -> None:
    other = ensure_services(Settings(home=home, s3_bucket="another")).store.connect()
    running = load_state(home, seaweedfs.NAME)
    assert running is not None
    assert seaweedfs.has_bucket(running, "another")
    other.ensure_bucket()
    assert list(other.list("")) == []
    with pytest.raises(StoreRefused):
        other.get_bytes("t/nothing")
