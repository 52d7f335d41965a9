"""The command `personas`: its commands, and how an error becomes one sentence and an exit code. Does no work."""

import gc
import os
import sys
from importlib import import_module

import typer

from console.exits import Exit
from console.printing import say
from schemas.errors import PersonaImportError, WrongCommand

_SUBJECTS = ("processes", "consumer", "system", "imports", "answers", "history", "people", "personas", "accounts")
_QUICK = ("history", "show", "rejects")


def gather_commands(word: str | None = None) -> typer.Typer:
    """All commands; for a `word` that must be quick those of its own module, since to load the others takes time."""
    app = typer.Typer(
        name="personas",
        help="A retailer's customer file becomes personas, every row accounted for.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for subject in ("history",) if word in _QUICK else _SUBJECTS:
        import_module(f"console.commands.{subject}").register(app)
    return app


def main() -> None:
    """Run one command; ends the process with the exit code that programs rely on."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    debug = bool(os.environ.get("PERSONAS_DEBUG"))
    word = sys.argv[1] if len(sys.argv) > 1 else None
    if word in _QUICK:
        gc.disable()  # until it is loaded, see `open_asking`
    try:
        gather_commands(word)()
    except WrongCommand as error:
        _end(error, str(error), Exit.WRONG_COMMAND, debug)
    except PersonaImportError as error:
        _end(error, str(error), Exit.UNEXPECTED, debug)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has enough of it; Python must not try to write the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(Exit.UNEXPECTED)
    except Exception as error:  # noqa: BLE001 - the last stop: what nobody foresaw still ends in one sentence
        _end(error, _sentence(error), Exit.UNEXPECTED, debug)
    finally:
        gc.enable()


def _end(error: Exception, sentence: str, code: Exit, debug: bool) -> None:
    if debug:
        raise error
    say(f"personas: {sentence}")
    sys.exit(code)


def _sentence(error: Exception) -> str:
    """By the error's type alone: its text may hold values of a file."""
    # SQLAlchemy wraps the driver's error; the driver has a class of its own for each state.
    sqlstate = getattr(getattr(error, "orig", error), "sqlstate", None)
    if sqlstate == "42P01":
        return "The database has no tables of ours yet; run `personas migrate`."
    if "OperationalError" in (kind.__name__ for kind in type(error).__mro__):
        return "The database or the broker can't be reached; `personas doctor` says why."
    name = type(error).__name__
    return f"Something unexpected happened ({name}); set PERSONAS_DEBUG=1 to see where, or run `personas doctor`."


if __name__ == "__main__":
    main()
