"""The docs say what the code says: every code with its sentence, every setting, task and command."""

import re
from pathlib import Path

import pytest
import typer.main

from console.cli import gather_commands
from infra.settings import list_settings
from pipeline.stages import STAGES
from schemas import codes
from workers.app import make_worker_app

ROOT = Path(__file__).parents[2]
ERRORS = (ROOT / "docs/errors.md").read_text(encoding="utf-8")
OPERATIONS = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", sorted(codes.ALL))
def test_docs_have_every_code_with_its_sentence(code: str) -> None:
    assert f"| `{code}` | {codes.sentence(code)} |" in ERRORS


def test_docs_have_no_code_that_does_not_exist() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", ERRORS, re.MULTILINE)) == set(codes.ALL)


def test_a_code_has_one_meaning() -> None:
    groups = (codes.REJECTS, codes.SKIPS, codes.NOTICES, codes.FAILURES, codes.WAITS, codes.REMARKS)
    assert sum(map(len, groups)) == len(codes.ALL)


@pytest.mark.parametrize("line", list_settings(), ids=lambda line: line.variable)
def test_docs_have_every_setting(line: object) -> None:
    assert f"| `{line.variable}` |" in OPERATIONS  # type: ignore[attr-defined]


def test_docs_have_every_task() -> None:
    tasks = {name for name in make_worker_app("redis://127.0.0.1:1/0").tasks if not name.startswith("celery.")}
    assert {f"imports.{stage}" for stage in STAGES} < tasks
    for name in tasks:
        assert f"`{name}`" in OPERATIONS


def test_docs_have_every_command() -> None:
    for name in typer.main.get_command(gather_commands()).commands:  # type: ignore[attr-defined]
        assert f"personas {name}" in OPERATIONS, name


def test_docs_have_every_table() -> None:
    from schemas.tables import metadata

    for name in metadata.tables:
        assert f"`{name}`" in ARCHITECTURE, name


def test_docs_link_to_pages_that_exist() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
