"""Imports generated files end to end and prints rows/s by stage and peak memory by process.

python -m bench                          100,000 and 1,000,000 rows into an empty account
python -m bench --rows 1000000 --population 1000000
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.generate import Shape, write_file
from bench.population import load_population
from bench.system import open_bench

_screen = Console(width=110)


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    arguments.add_argument("--rows", type=int, nargs="*", default=[100_000, 1_000_000])
    arguments.add_argument("--population", type=int, default=0)
    arguments.add_argument("--tangled", type=float, default=0.0)
    arguments.add_argument("--phones", type=int, default=0)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--format", choices=("csv", "xlsx"), default="csv")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="personas-files-") as temporary:
        for rows in asked.rows:
            shape = Shape(rows, asked.population, tangled=asked.tangled, phones=asked.phones, seed=asked.seed)
            run(shape, asked.format, Path(temporary))


def run(shape: Shape, style: str, folder: Path) -> None:
    """One file into a fresh system."""
    path = folder / f"customers-{shape.rows}.{style}"
    write_file(shape, path)
    with open_bench() as bench:
        load_population(bench.system, shape.population, folder)
        told, memory = bench.run(path)
    report(told, memory, shape)
    path.unlink()


def report(told: dict[str, Any], memory: dict[str, float], shape: Shape) -> None:
    title = f"{shape.rows:,} rows onto {shape.population:,} personas: {told['status']}"
    table = Table("stage", "parts", "seconds", "rows/s", title=title, title_justify="left")
    for stage in told["stages"]:
        speed = shape.rows / stage["seconds"] if stage["seconds"] else 0
        table.add_row(stage["stage"], str(stage["parts"]), f"{stage['seconds']:.2f}", f"{speed:,.0f}")
    seconds = shape.rows / told["rows_per_second"] if told["rows_per_second"] else 0
    table.add_row("end to end", "", f"{seconds:.2f}", f"{told['rows_per_second']:,.0f}", style="bold")
    _screen.print(table)
    peaks = Table("process", "peak MiB")
    for kind, size in sorted(memory.items()):
        peaks.add_row(kind, f"{size:,.0f}")
    _screen.print(peaks)


if __name__ == "__main__":
    main()
