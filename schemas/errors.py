"""The few kinds of error that stages may end with. The type decides what happens next, never the text."""

from schemas import codes


class PersonaImportError(Exception):
    """Base of every error of ours."""


class Transient(PersonaImportError):
    """Something outside failed for now; the same work can be tried again later."""


class ImportRefused(PersonaImportError):
    """The file or its options can't be used: the import ends as failed, with a code and its sentence."""

    def __init__(self, code: str, detail: str | None = None) -> None:
        """`detail` is appended to the code's sentence; it must name no phone, e-mail or person."""
        self.code = code
        self.message = codes.sentence(code) + (f" {detail}" if detail else "")
        super().__init__(self.message)


class SourceChanged(ImportRefused):
    """The object was overwritten or deleted while it was being imported."""

    def __init__(self) -> None:
        super().__init__("source_changed")


class WrongCommand(PersonaImportError):
    """What was asked can't be done as asked; the message says why in one sentence."""


class UnknownAccount(WrongCommand):
    """There is no account of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no account {name!r}; `personas account add` makes one.")


class UnknownImport(WrongCommand):
    """There is no import of this number."""

    def __init__(self, import_id: int) -> None:
        super().__init__(f"There is no import {import_id}.")
