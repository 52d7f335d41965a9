"""Which character parts the cells of a text file. Scores candidates; never guesses letters."""

import re
from collections import Counter
from collections.abc import Callable, Sequence

from pipeline.files.records import read_lines

_CANDIDATES = (",", ";", "\t", "|")
_DECLARED = re.compile(r"[ \t]*\"?sep=(.)\"?[ \t]*(?=\r|\n|$)", re.IGNORECASE)
_SAMPLE = 50


def declared_delimiter(text: str) -> str | None:
    """The delimiter that Excel's `sep=;` names in the first line, or None without such a line."""
    found = _DECLARED.match(text)
    return found[1] if found and found[1] not in '"\r\n' else None


def find_delimiter(lines: Sequence[str], count_known: Callable[[Sequence[str]], int]) -> str:
    """The delimiter of the first lines of a file; `count_known` says how many cells of a record are names of columns.

    A header decides. Without a known one, the candidate that parts most records into the same number of cells does.
    """
    scores = [_score(lines, candidate, count_known) for candidate in _CANDIDATES]
    best = max(scores)
    return _CANDIDATES[scores.index(best)]


def _score(lines: Sequence[str], delimiter: str, count_known: Callable[[Sequence[str]], int]) -> tuple[int, float]:
    reader = read_lines(lines, delimiter)
    records = [record for record, _ in zip(reader, range(_SAMPLE), strict=False) if any(record)]
    if not records:
        return 0, 0.0
    known = max(count_known(record) for record in records[:20])
    widths = Counter(len(record) for record in records if len(record) > 1)
    if not widths:
        return known, 0.0
    width, times = max(widths.items(), key=lambda item: (item[1], item[0]))
    agree = times / len(records)
    # Decimal commas part every record but the header; a delimiter parts that too.
    begins = len(records[0]) == width or (len(records[0]) == 1 and agree < 1 - 1 / len(records))
    return known, agree * agree * min(width, 30) ** 0.5 * (1 if begins else 0.5)
