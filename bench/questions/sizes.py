"""How much a question measures; every question has sizes of its own, which the command line can scale down."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """Rows of the file, personas there before, and how many runs the middle is taken of."""

    rows: int
    population: int
    runs: int = 3
    #: For the curves: rows of the files, and personas there before.
    files: tuple[int, ...] = ()
    populations: tuple[int, ...] = ()

    def tell(self) -> str:
        return f"{tell_count(self.rows)} rows onto {tell_count(self.population)} personas"


def tell_count(count: int) -> str:
    """Round thousands and millions in short."""
    for unit, size in (("M", 1_000_000), ("k", 1_000)):
        if count >= size and count % (size // 10) == 0:
            return f"{count / size:g}{unit}"
    return f"{count:,}"
