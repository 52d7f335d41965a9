"""The independent judge of what an import means: plain Python, one row at a time, dictionaries, no SQL.

Shares no code with the product; where the two disagree, the rules decide who is wrong.
"""

from tests.oracle.applying import apply_import
from tests.oracle.compare import canonical, compare
from tests.oracle.model import CellFault, Event, LedgerLine, Options, Persona
from tests.oracle.result import ImportResult
from tests.oracle.text import clean, header_key, unique_headers
from tests.oracle.world import World

__all__ = [
    "CellFault",
    "Event",
    "ImportResult",
    "LedgerLine",
    "Options",
    "Persona",
    "World",
    "apply_import",
    "canonical",
    "clean",
    "compare",
    "header_key",
    "unique_headers",
]
