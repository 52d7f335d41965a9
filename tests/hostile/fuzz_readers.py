"""Searches for bytes that a reader can't bear, led by what code they reach: `python -m tests.hostile.fuzz_readers`.

Needs the package atheris, which is no dependency: without it there is nothing to do. What is found is kept in `finds/`.
"""

import argparse
import hashlib
import importlib
import importlib.util
import json
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

FINDS = Path(__file__).parent / "finds"
# With the reader of old workbooks, which is Python too.
_CODE = ("pipeline", "workers.intake", "xlrd")


def main() -> None:
    """Search for `--seconds`; says each new find on standard error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--finds", type=Path, default=FINDS, help="the folder for inputs that break a reader")
    parser.add_argument("--corpus", type=Path, help="a folder to go on from and to add to")
    asked = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        print("The package atheris is not installed: nothing was searched.", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as folder:
        corpus = asked.corpus or Path(folder)
        corpus.mkdir(exist_ok=True)
        search(asked.seconds, corpus, asked.finds)


def search(seconds: int, corpus: Path, finds: Path) -> None:
    """Run libFuzzer over the targets in this process, which ends with it."""
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=[*_CODE]):
        from tests.hostile import fuzz_targets
    for number, data in enumerate(list_seeds()):
        (corpus / f"seed-{number}").write_bytes(data)
    keeper = _Keeper(finds, len(fuzz_targets.TARGETS))

    def test_one(data: bytes) -> None:
        # Errors are kept, not raised: the first one would end the search.
        try:
            fuzz_targets.check(data)
        except Exception as error:  # noqa: BLE001 - any error is what is looked for
            keeper.keep(data, error)

    arguments = ["-timeout=60", "-rss_limit_mb=4096", "-max_len=16384", f"-max_total_time={seconds}"]
    atheris.Setup([sys.argv[0], *arguments, f"-artifact_prefix={finds}/", str(corpus)], test_one)
    atheris.Fuzz()


class _Keeper:
    """Keeps the first input for each place that an error comes from."""

    def __init__(self, folder: Path, targets: int) -> None:
        self._folder, self._targets = folder, targets
        self._known: set[tuple[str, str]] = set()

    def keep(self, data: bytes, error: Exception) -> None:
        frames = [each for each in traceback.extract_tb(error.__traceback__) if "fuzz_readers" not in each.filename]
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"
        ours = next((each for each in reversed(frames) if "/pipeline/" in each.filename), frames[-1])
        key = (type(error).__name__, f"{Path(ours.filename).name}:{ours.lineno}")
        if key in self._known:
            return
        self._known.add(key)
        # The plain number of its target, which stays when targets are added at the end.
        data = bytes([data[0] % self._targets]) + data[1:]
        path = self._folder / f"{type(error).__name__}-{hashlib.sha256(data).hexdigest()[:12]}"
        path.write_bytes(data)
        print(f"found {path.name}: {key[1]} {place}", file=sys.stderr)


def list_seeds() -> Iterator[bytes]:
    """Small inputs that go the ways of real files; for the tests too."""
    from tests.hostile.files import inline, ole_of, xls_of, xlsx_of
    from tests.hostile.fuzz_targets import (
        read_any,
        read_csv_twice,
        read_declared,
        read_event,
        read_sheet,
        read_values,
        read_zip,
        seed,
    )
    from tests.unit.intake.bodies import s3_body, s3_record

    table = [["First Name", "Phone", "Email"], ["Zoë", "+14155552671", "z@example.org"], ["", "x", '=1"']]
    text = "\r\n".join(",".join(row) for row in table)
    for data in (text, "sep=;\r\n" + text.replace(",", ";"), text.replace(",", "\t"), '"a","b\n"\nc@d.ef,2\n'):
        yield seed(read_csv_twice, data.encode())
        yield seed(read_csv_twice, data.encode("cp1252"))
        yield seed(read_any, data.encode("utf-16"))
        for number, encoding in enumerate(("utf-16", "cp1252", "gb18030")):
            yield seed(read_declared, bytes([number]) + data.encode(encoding))
    yield seed(read_any, xlsx_of(table))
    yield seed(read_any, xls_of(table))
    yield seed(read_any, ole_of("EncryptionInfo", "EncryptedPackage"))
    yield seed(read_zip, xlsx_of(table)[4:])
    cells = inline("A1", "Email") + '<c r="B1" t="s"><v>0</v></c><c t="e"><v>#N/A</v></c><c t="str"><f>A1</f></c>'
    yield seed(read_sheet, f'<row r="1">{cells}</row><row><c r="A2"><v>1.5E3</v></c></row>'.encode())
    yield seed(read_event, json.dumps(s3_body(s3_record("personas", "uploads/a/b.csv"))).encode())
    for value in (
        "(415) 555-2671 x3",
        "Bob <b@x.com>",
        "(1,000.00)",
        "31/01/1990",
        "2024-01-31T10:00",
        "1.5E+10",
        "yes",
    ):
        yield seed(read_values, value.encode())


if __name__ == "__main__":
    main()
