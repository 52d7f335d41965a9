"""The sheets of a .xlsx: their names, whether a person sees them, where their XML is. Knows no cells."""

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from pipeline.files.archives import Archive
from pipeline.files.cells import clean
from pipeline.files.sheet_scans import Extent, scan_sheet, whole_tags
from schemas.errors import ImportRefused

_MOST = 32 << 20


class Sheet(NamedTuple):
    """One worksheet, and the entry that it is in."""

    name: str
    visible: bool
    entry: str


def look_over(archive: Archive, sheets: Sequence[Sheet]) -> list[Extent]:
    """The extent of each worksheet, after every entry of the archive has been inflated and looked over.

    Raises ImportRefused: unreadable, file_too_large.
    """
    extents: dict[str, Extent] = {}
    entries = {sheet.entry for sheet in sheets}
    for name in archive.names:
        if name in entries:
            extents[name] = scan_sheet(archive.inflate(name))
        elif name.endswith((".xml", ".rels", ".vml")):
            _exhaust(whole_tags(archive.inflate(name)))
        else:
            _exhaust(archive.inflate(name))
    return [extents[sheet.entry] for sheet in sheets]


def choose_sheet(sheets: Sequence[tuple[str, bool, bool]], asked: str | None) -> int:
    """The index of the sheet to read, of (name, visible, filled) each: the one asked for, or the only filled one.

    Raises ImportRefused: unknown_sheet, several_sheets, empty_file.
    """
    if asked is not None:
        found = [index for index, (name, visible, _) in enumerate(sheets) if visible and is_named(name, asked)]
        if not found:
            raise ImportRefused("unknown_sheet", _told([name for name, visible, _ in sheets if visible]))
        return found[0]
    filled = [index for index, (_, visible, filled) in enumerate(sheets) if visible and filled]
    if not filled:
        raise ImportRefused("empty_file")
    if len(filled) > 1:
        raise ImportRefused("several_sheets", _told([sheets[index][0] for index in filled]))
    return filled[0]


def is_named(name: str, asked: str) -> bool:
    """Whether a sheet of this name is the one that somebody asks for."""
    return clean(name).casefold() == clean(asked).casefold()


def _told(names: Sequence[str]) -> str | None:
    return "Sheets: " + ", ".join(clean(name)[:40] for name in names[:10]) + "." if names else None


def _exhaust(pieces: Iterable[bytes]) -> None:
    for _ in pieces:
        pass


def list_sheets(archive: Archive) -> Iterator[Sheet]:
    """All worksheets, in order; raises ImportRefused: unreadable, file_too_large."""
    workbook = _find_workbook(archive)
    folder, name = posixpath.split(workbook)
    targets = {
        relation.get("Id"): _resolve(folder, relation)
        for relation in _parse(archive, f"{folder}/_rels/{name}.rels")
        if relation.get("Type", "").endswith("/worksheet")
    }
    for element in _parse(archive, workbook).iter():
        if _tag(element) != "sheet":
            continue
        relation = next((value for key, value in element.attrib.items() if key.endswith("}id")), None)
        entry = targets.get(relation)
        if entry and entry in archive.names:
            yield Sheet(element.get("name", ""), element.get("state", "visible") == "visible", entry)


def _find_workbook(archive: Archive) -> str:
    if "_rels/.rels" in archive.names:
        for relation in _parse(archive, "_rels/.rels"):
            if relation.get("Type", "").endswith("/officeDocument"):
                target = _resolve("", relation)
                if target in archive.names:
                    return target
    return "xl/workbook.xml"


def _resolve(folder: str, relation: Element) -> str:
    target = relation.get("Target", "").replace("\\", "/")
    return posixpath.normpath(posixpath.join(folder, target)).lstrip("/").lower()


def _parse(archive: Archive, name: str) -> Element:
    if name not in archive.names:
        raise ImportRefused("unreadable")
    data = b""
    for piece in archive.inflate(name):
        data += piece
        if len(data) > _MOST:
            raise ImportRefused("unreadable")
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        raise ImportRefused("unreadable") from None
    return root


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
