"""The house rules that a machine can hold: short modules and functions, a first line that says what a module owns."""

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    if (ROOT / name).exists()
]
_BANNED = {"utils", "helpers", "common", "manager", "misc"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_short_and_says_what_it_owns(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    assert len(source.splitlines()) <= 300
    assert path.stem not in _BANNED
    assert ast.get_docstring(tree) or not source.strip()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 40 or "versions" in path.parts, node.name


def test_every_statement_has_a_name_of_its_own_and_is_used() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in MODULES if "tests" not in path.parts)
    for file in (ROOT / "pipeline/sql").glob("*.sql"):
        names = [
            line.split()[2] for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("-- name: ")
        ]
        assert len(set(names)) == len(names), file.name
        for name in names:
            assert f'"{name}"' in code, f"{file.name}: {name} is not used"
