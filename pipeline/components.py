"""Which tangled rows belong together: components over shared phones, e-mails and personas. Decides no row."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Edges:
    """One entry for each tangled row; -1 where it lacks that link.

    `phone_line` and `email_line` are the first line with the same phone or e-mail; the others are persona ids.
    """

    line: Ints
    phone_line: Ints
    email_line: Ints
    by_phone: Ints
    by_email: Ints


def label_components(edges: Edges) -> Ints:
    """A number for each row, the same for rows that are connected, ascending with the first line of each component."""
    order = np.argsort(edges.line, kind="stable")
    lines = edges.line[order]
    count = len(lines)
    people, person = np.unique(np.concatenate([edges.by_phone, edges.by_email]), return_inverse=True)
    del people
    left: list[Ints] = []
    right: list[Ints] = []
    rows = np.arange(count, dtype=np.int64)
    row_of = np.empty(count, dtype=np.int64)
    row_of[order] = rows
    for linked in (edges.phone_line, edges.email_line):
        there = linked >= 0
        left.append(row_of[there])
        right.append(np.searchsorted(lines, linked[there]))
    for linked, node in ((edges.by_phone, person[:count]), (edges.by_email, person[count:])):
        there = linked >= 0
        left.append(row_of[there])
        right.append(count + node[there])
    roots = _connect(np.concatenate(left), np.concatenate(right), count + len(person))
    _, labels = np.unique(roots[row_of], return_inverse=True)
    return labels.astype(np.int64)


def _connect(left: Ints, right: Ints, nodes: int) -> Ints:
    """The smallest node of each node's component: hook roots to smaller ones, halve the paths, until nothing moves."""
    root = np.arange(nodes, dtype=np.int64)
    while True:
        smaller = np.minimum(root[left], root[right])
        hooked = root.copy()
        for end in (left, right):
            np.minimum.at(hooked, root[end], smaller)
        while True:
            jumped = hooked[hooked]
            if np.array_equal(jumped, hooked):
                break
            hooked = jumped
        if np.array_equal(hooked, root):
            return root
        root = hooked


def assign_parts(labels: Ints, first_part: int, part_size: int) -> Ints:
    """A part number for each row: whole components, in order, about `part_size` rows to a part."""
    sizes = np.bincount(labels)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    return (first_part + starts // part_size)[labels].astype(np.int64)
