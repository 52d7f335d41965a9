"""Reads docs/rules.md as a list of rules, and tests as the rules that they name. Expects nothing of an import."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "rules.md"
#: At the end of a rule that a test names by its beginning.
MORE = "…"

_ITEM = re.compile(r"^- ")
#: A full stop ends a sentence where white space and the beginning of another one follow.
_END = re.compile(r"(?<=\.)\**\s+(?=[A-Z`*])")
_SIGNS = re.compile(r"[*`]")


def read_rules(page: Path = PAGE) -> list[str]:
    """Every sentence of the page that says what is so: of paragraphs, of list items, and a row of a table as one."""
    return [rule for block in _blocks(page.read_text(encoding="utf-8")) for rule in _sentences(block)]


def read_tests(folder: Path) -> Iterator[tuple[str, str]]:
    """The name of each test below a folder, with each rule that the first paragraph of its docstring names."""
    for path in sorted(folder.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                said = (ast.get_docstring(node) or "").partition("\n\n")[0]
                for line in said.splitlines() or [""]:
                    yield f"{path.stem}::{node.name}", line.strip().removesuffix(".")


def names(line: str, rule: str) -> bool:
    """Whether a line of a docstring is the rule, or its beginning with an ellipsis."""
    if line.endswith(MORE):
        return rule.startswith(line.removesuffix(MORE).strip())
    return line == rule


def _blocks(text: str) -> Iterator[str]:
    """Paragraphs, list items and equations, each on one line, and the rows of tables without their heads."""
    lines = ("## " + text.partition("\n## ")[2]).splitlines()
    block: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        item = _ITEM.match(line.strip())
        apart = line.startswith(("#", "|", "    "))
        if block and (item or apart or not line.strip()):
            yield " ".join(block)
            block = []
        if apart and not line.startswith("#") and not following.startswith("|---"):
            yield line.strip()
        elif line.strip() and not apart:
            block.append(_ITEM.sub("", line.strip()))
    if block:
        yield " ".join(block)


def _sentences(block: str) -> Iterator[str]:
    if block.startswith("|"):
        cells = [_plain(cell) for cell in block.strip("|").split("|")]
        if not set(block) <= set("|- "):
            yield ": ".join(cell for cell in cells if cell)
        return
    # What ends with a colon leads to the rules below it.
    yield from (plain for plain in map(_plain, _END.split(block)) if not plain.endswith(":"))


def _plain(text: str) -> str:
    return " ".join(_SIGNS.sub("", text).split()).rstrip(";.")
