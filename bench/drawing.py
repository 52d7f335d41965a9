"""Draws the two curves and writes the tables of docs/performance.md and docs/scale.md, from kept results alone.

python -m bench.drawing
"""

from pathlib import Path
from typing import Any

from bench.questions.sizes import tell_count
from bench.results import RESULTS, ROOT, Finding, load_results, tell
from bench.scale import describe

_DOCS = ROOT / "docs"
_CURVES = {
    "files": ("by-file", "rows of the file"),
    "populations": ("by-population", "personas that are there before"),
}


def draw(results_file: Path) -> None:
    """The curves beside the results; the page only if these are the ones that are kept in the docs."""
    results = load_results(results_file)
    curves = results.get("growth", {}).get("facts", {}).get("curves", {})
    for name, (file, axis) in _CURVES.items():
        if curves.get(name):
            _draw_curve(curves[name], axis, results_file.parent / f"{file}.png")
    if results_file == RESULTS:
        for page, tables in (("performance.md", tell_results(results)), ("scale.md", tell_scale(results))):
            path = _DOCS / page
            path.write_text(fill_page(path.read_text(encoding="utf-8"), tables), encoding="utf-8")


def tell_results(results: dict[str, Any]) -> dict[str, str]:
    """The tables of docs/performance.md by their marks."""
    return {"table": _findings_table(results), "growth": _growth_tables(results), "stages": _stages_table(results)}


def tell_scale(results: dict[str, Any]) -> dict[str, str]:
    """The tables of docs/scale.md by their marks; none before an import was measured beside the limit."""
    if "limit" not in results:
        return {}
    return {name: _table(heads, lines) for name, (heads, lines) in describe(results).items()}


def fill_page(page: str, tables: dict[str, str]) -> str:
    """The page with each table between its two marks made anew."""
    for name, table in tables.items():
        before, mark, rest = page.partition(f"<!-- {name} -->\n")
        if mark:
            page = f"{before}{mark}\n{table}\n\n<!-- end -->{rest.partition('<!-- end -->')[2]}"
    return page


def _findings_table(results: dict[str, Any]) -> str:
    told = [tell(Finding(**each)) for part in results.values() for each in part.get("findings", ())]
    return _table(["work", "ours", "theirs", "ratio", "target", ""], told)


def _growth_tables(results: dict[str, Any]) -> str:
    tables = []
    for name, points in results.get("growth", {}).get("facts", {}).get("curves", {}).items():
        stages = list(dict.fromkeys(stage for point in points.values() for stage in point["stages"]))
        heads = [name[:-1], "rows/s", "seconds", *(f"{stage}, s" for stage in stages), "largest worker, MiB"]
        lines = [
            [
                tell_count(int(x)),
                f"{point['speed']:,.0f}",
                f"{point['seconds']:,.2f}",
                *(f"{point['stages'].get(stage, 0):,.2f}" for stage in stages),
                f"{point['largest_worker']:,}",
            ]
            for x, point in points.items()
        ]
        file, axis = _CURVES[name]
        tables += [f"![Rows a second: {axis}](bench/{file}.png)", _table(heads, lines)]
    return "\n\n".join(tables)


def _stages_table(results: dict[str, Any]) -> str:
    facts = results.get("limit", {}).get("facts", {})
    run, rows = facts.get("run", {}), facts.get("run", {}).get("rows", 0)
    ours = [
        [stage, str(run["parts"][stage]), f"{seconds:.2f}", f"{rows / seconds:,.0f}" if seconds else ""]
        for stage, seconds in run.get("stages", {}).items()
    ]
    limit = [[name, f"{seconds:.2f}"] for name, seconds in facts.get("limit_steps", {}).items()]
    memory = [[kind, f"{size:,}"] for kind, size in facts.get("memory", {}).items()]
    tables = (
        _table(["stage", "parts", "seconds", "rows/s"], ours),
        _table(["step of the limit", "seconds"], limit),
        _table(["process", "peak MiB"], memory),
    )
    return "\n\n".join(tables)


def _table(heads: list[str], lines: list[list[str]]) -> str:
    ruled = [heads, ["---"] * len(heads), *lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in ruled)


def _draw_curve(points: dict[str, dict[str, Any]], axis: str, path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    sizes = [int(x) for x in points]
    figure, speed = plt.subplots(figsize=(7.5, 4.2), layout="constrained")
    # Nobody there before has a place on the axis too, a decade to the left of the others.
    least = min((size for size in sizes if size), default=1)
    places = [size or least / 10 for size in sizes]
    speed.plot(places, [point["speed"] for point in points.values()], "o-", color="#20639b")
    speed.set(xscale="log", xlabel=axis, ylabel="rows a second", ylim=(0, None))
    speed.set_xticks(places, [tell_count(size) for size in sizes])
    speed.minorticks_off()
    speed.grid(visible=True, alpha=0.3)
    memory = speed.twinx()
    memory.plot(places, [point["largest_worker"] for point in points.values()], "s--", color="#c0392b", alpha=0.6)
    memory.set(ylim=(0, 400))
    memory.set_ylabel("largest worker process, MiB", color="#c0392b")
    figure.savefig(path, dpi=110)
    plt.close(figure)


if __name__ == "__main__":
    draw(RESULTS)
