"""Which tangled rows belong together: components over shared phones, e-mails and personas. Decides no row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Ids = npt.NDArray[np.int64]

_SLICE = 1 << 16


@dataclass(frozen=True, slots=True)
class Edges:
    """One entry for each tangled row, by line; -1 where it lacks that link. Millions of rows take 28 bytes each.

    `phone_line` and `email_line` are the first line with the same phone or e-mail; the others are persona ids.
    """

    line: Ints
    phone_line: Ints
    email_line: Ints
    by_phone: Ids
    by_email: Ids


def label_components(edges: Edges) -> Ints:
    """A number for each row, the same for rows that are connected: where the first of them stands among the rows."""
    rows = len(edges.line)
    people = np.unique(np.concatenate([edges.by_phone, edges.by_email]))
    links = [
        *(_point(edges.line, first, 0) for first in (edges.phone_line, edges.email_line)),
        *(_point(people, owner, rows) for owner in (edges.by_phone, edges.by_email)),
    ]
    return _connect(links, rows + len(people))[:rows]


def _point(nodes: Ids | Ints, wanted: Ids | Ints, offset: int) -> Ints:
    """The node that each row is linked with, of those from `offset` on; the row itself where it lacks the link."""
    linked = np.arange(len(wanted), dtype=np.int32)
    for part in _slices(len(wanted)):
        there = wanted[part] >= 0
        linked[part][there] = offset + np.searchsorted(nodes, wanted[part][there])
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
