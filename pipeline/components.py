"""Which tangled rows belong together: components over shared phones, e-mails and personas. Decides no row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.numbers import Ids, Ints

_SLICE = 1 << 16


@dataclass(slots=True)
class Links:
    """What tangled rows may share, one entry for each row; 0 where a row lacks it.

    A phone or e-mail is a number, the same for the same one. Two that have the same number by chance put two components
    into one, which changes nothing else. Owners are ids of personas.
    """

    phone: Ids
    email: Ids
    by_phone: Ids
    by_email: Ids


def label_components(links: Links) -> Ints:
    """A number for each row, the same for rows that are connected: where the first of them stands among the rows.

    Lets go of `links` in the middle: whoever keeps them elsewhere keeps their memory.
    """
    rows, nodes, linked = _number(links)
    # The keys themselves, 32 bytes a row, are not needed any more.
    del links
    return _connect(linked, nodes)[:rows]


def _number(links: Links) -> tuple[int, int, list[Ints]]:
    """How many rows and how many nodes there are, owners being nodes too, and the node that each row is linked with."""
    rows = len(links.phone)
    # Not by `np.unique`, whose hash table takes 90 MB for two million ids.
    people = np.sort(np.concatenate([links.by_phone, links.by_email]))
    people = people[_begins(people)]
    linked = [
        *(_point_to_first(keys) for keys in (links.phone, links.email)),
        *(_point_to_owner(people, owners, rows) for owners in (links.by_phone, links.by_email)),
    ]
    return rows, rows + len(people), linked


def _point_to_first(keys: Ids) -> Ints:
    """The first row with the same key; the row itself where it has none."""
    order = np.argsort(keys, kind="stable").astype(np.int32)
    begins = _begins(keys[order])
    linked = np.empty(len(keys), dtype=np.int32)
    linked[order] = order[begins][np.cumsum(begins, dtype=np.int32) - 1]
    none = np.flatnonzero(keys == 0)
    linked[none] = none
    return linked


def _begins(ordered: Ids) -> npt.NDArray[np.bool_]:
    """Where a value stands for the first time, of values in order."""
    begins = np.ones(len(ordered), dtype=np.bool_)
    begins[1:] = ordered[1:] != ordered[:-1]
    return begins


def _point_to_owner(people: Ids, owners: Ids, offset: int) -> Ints:
    """The node of each row's owner, from `offset` on; the row itself where nobody owns."""
    linked = np.arange(len(owners), dtype=np.int32)
    for part in _slices(len(owners)):
        there = owners[part] > 0
        linked[part][there] = offset + np.searchsorted(people, owners[part][there])
    return linked


def _connect(links: Sequence[Ints], nodes: int) -> Ints:
    """The smallest node of each node's component: hook roots to smaller ones, halve the paths, until nothing moves.

    Row i is node i, and is linked with node `link[i]` of each link.
    """
    root = np.arange(nodes, dtype=np.int32)
    while True:
        before = root.copy()
        for link in links:
            for part in _slices(len(link)):
                ends = root[part].copy(), root[link[part]]
                smaller = np.minimum(*ends)
                for end in ends:
                    np.minimum.at(root, end, smaller)
        while not np.array_equal(jumped := root[root], root):
            root = jumped
        if np.array_equal(root, before):
            return root


def assign_parts(labels: Ints, first_part: int, part_size: int) -> Ints:
    """A part number for each row: whole components, in order, about `part_size` rows to a part."""
    sizes = np.bincount(labels)
    starts = np.cumsum(sizes) - sizes
    return (first_part + starts // part_size).astype(np.int32)[labels]


def _slices(count: int) -> Iterator[slice]:
    # What is computed of all rows at once would be several times as large as what is kept of them.
    for start in range(0, count, _SLICE):
        yield slice(start, min(start + _SLICE, count))
