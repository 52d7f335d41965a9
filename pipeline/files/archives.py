"""The zip file around a workbook, inflated by ourselves so that nothing it declares is believed. Knows no sheets."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from pipeline.files.limits import ReadLimits
from schemas.errors import ImportRefused

_ENTRIES = 1_000
_RATIO = 100
# Small files may shrink as much as they like.
_FREE = 1 << 20
_CHUNK = 1 << 20
_LOCAL_HEADER = struct.Struct("<4s22xHH")
#: What the library raises over a damaged directory.
DAMAGED = (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OSError, IndexError)


class Archive:
    """The entries of a workbook's zip file by name, lower case; inflating counts against one budget for all."""

    def __init__(self, path: Path, limits: ReadLimits) -> None:
        """Raises ImportRefused: unreadable, file_too_large."""
        try:
            with zipfile.ZipFile(path) as archive:
                entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        except DAMAGED:
            raise ImportRefused("unreadable") from None
        size = path.stat().st_size
        self._path, self._size = path, size
        self._budget = min(limits.inflated_bytes, max(_FREE, size * _RATIO))
        self._entries = {entry.filename.lower().replace("\\", "/").lstrip("/"): entry for entry in entries}
        if len(self._entries) != len(entries):
            # Two entries of one name: each reader would take another one.
            raise ImportRefused("unreadable")
        if len(entries) > _ENTRIES or sum(entry.file_size for entry in entries) > self._budget:
            raise ImportRefused("file_too_large")

    @property
    def names(self) -> list[str]:
        """Names of all entries, lower case, with forward slashes."""
        return list(self._entries)

    def real_name(self, name: str) -> str:
        """The name of an entry as the archive spells it."""
        return self._entries[name].filename

    def declared_size(self, name: str) -> int:
        """Bytes of an entry once inflated, as the archive says; it need not be true."""
        return self._entries[name].file_size

    def inflate(self, name: str) -> Iterator[bytes]:
        """The contents of an entry piece by piece; raises ImportRefused: unreadable, file_too_large."""
        entry = self._entries[name]
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ImportRefused("unreadable")
        inflated = 0
        for piece in self._inflate_raw(entry):
            inflated += len(piece)
            if inflated > self._budget:
                raise ImportRefused("file_too_large")
            yield piece
        if inflated != entry.file_size:
            raise ImportRefused("unreadable")

    def _inflate_raw(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            # A damaged directory may name any place, also one before the file.
            file.seek(max(0, min(entry.header_offset, self._size)))
            header = file.read(_LOCAL_HEADER.size)
            if len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
                raise ImportRefused("unreadable")
            _, name_length, extra_length = _LOCAL_HEADER.unpack(header)
            file.seek(name_length + extra_length, 1)
            stored = _pieces(file, entry.compress_size)
            yield from stored if entry.compress_type == zipfile.ZIP_STORED else _inflate(stored)


def _pieces(file: IO[bytes], left: int) -> Iterator[bytes]:
    while left and (block := file.read(min(left, _CHUNK))):
        left -= len(block)
        yield block


def _inflate(blocks: Iterator[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for block in blocks:
            # Never more than a piece at once, however well it is packed.
            yield inflater.decompress(block, _CHUNK)
            while inflater.unconsumed_tail:
                yield inflater.decompress(inflater.unconsumed_tail, _CHUNK)
        yield inflater.flush()
    except zlib.error:
        raise ImportRefused("unreadable") from None
