"""What a file is, by its content; its name decides nothing. Owns no parsing beyond the first look."""

import zipfile
from enum import StrEnum
from pathlib import Path
from typing import IO

from pipeline.files.archives import DAMAGED
from pipeline.files.encodings import find_bom, wide_by_nuls
from schemas.errors import ImportRefused

_HEAD = 4096
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Workbooks of the time before OLE: BIFF 2 to 5 as a bare stream of records.
_BARE_BIFF = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x08\x00", b"\x09\x08\x10\x00")
_FOREIGN = (
    b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ", b"{\\rtf",
    b"PAR1", b"ARROW1", b"SQLite format 3", b"\x7fELF", b"MZ\x90",
)  # fmt: skip
_MARKUP = (
    b"<html",
    b"<!doctype",
    b"<table",
    b"<?xml",
    b"<head",
    b"<body",
    b"<meta",
    b"<style",
    b"<script",
    b"<workbook",
)
_SHEET_SAYS = "Save it as .xlsx first."
# Directory entries of an OLE file are 128 bytes long and begin at multiples of that.
_ENTRY = 128
_STREAM = 2


class Kind(StrEnum):
    """What can be read."""

    CSV = "csv"
    XLSX = "xlsx"
    XLS = "xls"


def find_kind(path: Path) -> Kind:
    """The kind of a file; raises ImportRefused (empty_file, unsupported_type, password_protected, unreadable)."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return _kind_of_zip(path)
        if head.startswith(_OLE):
            return _kind_of_ole(file)
    if head.startswith(_BARE_BIFF):
        return Kind.XLS
    if head.startswith(_FOREIGN) or _is_markup(head) or _is_binary(head):
        raise ImportRefused("unsupported_type")
    return Kind.CSV


def _kind_of_zip(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = {entry.filename.lower().replace("\\", "/"): entry for entry in archive.infolist()}
    except DAMAGED:
        raise ImportRefused("unreadable") from None
    if any(entry.flag_bits & 1 for entry in entries.values()):
        raise ImportRefused("password_protected")
    if "[content_types].xml" in entries and any(
        name.startswith("xl/") and name.endswith(".xml") and "workbook" in name for name in entries
    ):
        return Kind.XLSX
    if "xl/workbook.bin" in entries:
        raise ImportRefused("unsupported_type", f"It is a binary workbook (.xlsb). {_SHEET_SAYS}")
    if "content.xml" in entries:
        raise ImportRefused("unsupported_type", f"It is an OpenDocument file. {_SHEET_SAYS}")
    if any(name.endswith(".iwa") for name in entries):
        raise ImportRefused("unsupported_type", f"It is a Numbers document. {_SHEET_SAYS}")
    raise ImportRefused("unsupported_type", "It is an archive; unpack it first.")


def _kind_of_ole(file: IO[bytes]) -> Kind:
    names = _stream_names(file)
    if "EncryptedPackage" in names:
        raise ImportRefused("password_protected")
    if names & {"Workbook", "Book", "WORKBOOK", "BOOK"}:
        return Kind.XLS
    raise ImportRefused("unsupported_type")


def _stream_names(file: IO[bytes]) -> set[str]:
    """Names of all streams, found by the shape of their entries, so that a damaged directory does no harm."""
    names: set[str] = set()
    file.seek(0)
    while block := file.read(1 << 20):
        for at in range(0, len(block) - _ENTRY + 1, _ENTRY):
            if block[at + 66] != _STREAM or block[at + 65]:
                continue
            length = block[at + 64] - 2
            if 0 < length <= 62 and length % 2 == 0:
                names.add(block[at : at + length].decode("utf-16-le", "replace"))
    return names


def _is_markup(head: bytes) -> bool:
    text = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    return text.startswith(_MARKUP)


def _is_binary(head: bytes) -> bool:
    """Many control characters; a few are damaged text, and NULs in every second place are UTF-16."""
    if find_bom(head) or wide_by_nuls(head):
        return False
    controls = sum(head.count(code) for code in range(32) if code not in b"\t\n\v\f\r\x1a\x1c\x1d\x1e\x1f")
    # Below this a single damaged cell could be most of a small file.
    return controls > 16 and controls * 20 > len(head)
