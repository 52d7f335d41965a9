"""Components of tangled rows, beside a union of sets made one row at a time."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.components import Links, assign_parts, label_components
from pipeline.numbers import Ids

Link = st.sampled_from([None, *range(6)])
Row = st.tuples(Link, Link, Link, Link)


def links_of(rows: list[tuple[int | None, ...]]) -> Links:
    """Rows of phone, e-mail and two owners; the numbers of keys may be any but 0, those of owners are ids."""
    phones, emails = (_numbers(rows, kind, -(1 << 62)) for kind in (0, 1))
    return Links(phones, emails, *(_numbers(rows, kind, 1 << 40) for kind in (2, 3)))


def _numbers(rows: list[tuple[int | None, ...]], kind: int, least: int) -> Ids:
    return np.array([0 if (link := row[kind]) is None else link + least for row in rows], np.int64)


def unite(rows: list[tuple[int | None, ...]]) -> list[int]:
    """The place of the first row that each row is connected with."""
    kinds = ("phone", "email", "persona", "persona")
    groups: list[tuple[set[int], set[tuple[str, int]]]] = []
    for place, row in enumerate(rows):
        links = {(kind, value) for kind, value in zip(kinds, row, strict=True) if value is not None}
        joined = [group for group in groups if group[1] & links]
        groups = [group for group in groups if not group[1] & links]
        members = set[int]().union({place}, *(group[0] for group in joined))
        groups.append((members, links.union(*(group[1] for group in joined))))
    return [min(members) for place in range(len(rows)) for members, _ in groups if place in members]


@given(st.lists(Row, min_size=1, max_size=40))
def test_rows_that_share_a_link_are_together(rows: list[tuple[int | None, ...]]) -> None:
    assert label_components(links_of(rows)).tolist() == unite(rows)


def test_a_chain_longer_than_a_slice_is_one_component() -> None:
    """Each row shares its phone with the row before and its e-mail with the row after it."""
    count = 150_000
    places = np.arange(count, dtype=np.int64)
    nobody = np.zeros(count, np.int64)
    links = Links(places // 2 + 1, (places + 1) // 2 + 1, nobody, nobody)
    assert not label_components(links).any()


@given(st.lists(Row, min_size=1, max_size=40), st.integers(1, 9))
def test_parts_hold_whole_components(rows: list[tuple[int | None, ...]], size: int) -> None:
    labels = label_components(links_of(rows))
    parts = assign_parts(labels, 7, size)
    assert parts.min() == 7
    for label in set(labels.tolist()):
        assert len(set(parts[labels == label].tolist())) == 1
    # A part begins with the last component that still fits its first `size` rows, however large that one is.
    largest = max(np.bincount(labels))
    assert max(np.bincount(parts)) < size + largest
