"""Wrong commands end in one sentence and exit code 2 before anything is started; unforeseen errors in 1."""

import sys
from pathlib import Path

import pytest
import typer.main
from psycopg.errors import AdminShutdown, UndefinedTable
from sqlalchemy.exc import OperationalError, ProgrammingError

from console import cli
from console.commands import system
from schemas.errors import PersonaImportError, WrongCommand


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["personas", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("PERSONAS_DEBUG", raising=False)
    monkeypatch.setenv("PERSONAS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.mark.parametrize(
    "arguments",
    [
        ["import", "nowhere.csv"],
        ["import", "FILE", "--map", "Telephone=phone"],
        ["import", "FILE", "--map", "Phone=telephone"],
        ["import", "FILE", "--map", "Phone"],
        ["import", "FILE", "--ignore", "Telephone"],
        ["import", "FILE", "--opt-in", "fax"],
        ["import", "FILE", "--on-conflict", "both"],
        ["import", "FILE", "--date-order", "ydm"],
        ["import", "FILE", "--archived", "forget"],
        ["import", "FILE", "--no-such-option"],
        ["import"],
        ["map", "1"],
        ["map", "1", "--map", "a=telephone"],
        ["show", "x"],
        ["history", "--limit", "0"],
        ["account", "set", "default", "color"],
        ["token", "add", "till", "--role", "staff"],
        ["no-such-command"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_starts_nothing(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    home: Path,
    arguments: list[str],
) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("Phone,Points\n(415) 555-2671,5\n", encoding="utf-8")
    assert run(monkeypatch, *[str(path) if each == "FILE" else each for each in arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.strip()
    assert "Traceback" not in said.err
    assert not home.exists()


NO_TABLES = "personas: The database has no tables of ours yet;"
OUT_OF_REACH = "personas: The database or the broker can't be reached;"


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (WrongCommand("Not so."), 2, "personas: Not so.\n"),
        (UndefinedTable("415"), 1, NO_TABLES),
        (ProgrammingError("415", {}, UndefinedTable("415")), 1, NO_TABLES),
        (AdminShutdown("415"), 1, OUT_OF_REACH),
        (OperationalError("415", {}, AdminShutdown("415")), 1, OUT_OF_REACH),
        (PersonaImportError("It is broken."), 1, "personas: It is broken.\n"),
        (RuntimeError("+1 415 555 2671"), 1, "personas: Something unexpected happened (RuntimeError);"),
    ],
)
def test_an_error_is_one_sentence_without_values(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, code: int, sentence: str
) -> None:
    def fail(_state: object) -> None:
        raise error

    monkeypatch.setattr(system, "_print_state", fail)
    assert run(monkeypatch, "status") == code
    said = capsys.readouterr().err
    assert said.startswith(sentence)
    assert "415" not in said
    monkeypatch.setenv("PERSONAS_DEBUG", "1")
    monkeypatch.setattr(sys, "argv", ["personas", "status"])
    with pytest.raises(type(error)):
        cli.main()


def test_every_command_of_the_contract_is_there_and_has_help(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one = (
        "up worker beat flower console migrate import history show rejects replay approve cancel map status export find"
    )
    two = ["account add", "account show", "account set", "token add", "token revoke", "persona show"]
    for command in [*one.split(), "templates", "doctor", *two]:
        assert run(monkeypatch, *command.split(), "--help") == 0, command
        assert len(capsys.readouterr().out.splitlines()) > 3


@pytest.mark.parametrize("word", ["history", "show", "rejects"])
def test_quick_commands_have_a_module_of_their_own(word: str) -> None:
    """It is loaded alone, so it must know every word for which it is."""
    assert set(typer.main.get_command(cli.gather_commands(word)).commands) == set(cli._QUICK)  # type: ignore[attr-defined]
