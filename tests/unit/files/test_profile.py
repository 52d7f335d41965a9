"""What a reading says about the columns."""

from pathlib import Path

import pytest

from pipeline.files.contents import Asked, read_parts
from pipeline.files.limits import ReadLimits
from schemas.parts import FileProfile


def profile(path: Path, text: str) -> FileProfile:
    path.write_text(text)
    return read_parts(Asked(path, None, None, ReadLimits()), path.parent, lambda index, part: part.unlink())


def test_shapes_are_counted(tmp_path: Path) -> None:
    rows = "".join(f"n{n},415555{n:04d},a{n}@example.org,{n},{'yes' if n % 2 else ''}\n" for n in range(300))
    told = profile(tmp_path / "a.csv", "Name,Phone,Email,Points,SMS\n" + rows)
    name, phone, email, points, sms = told.columns
    assert (name.header, name.filled, name.sampled, name.phones, name.emails, name.numbers) == (
        "Name",
        300,
        300,
        0,
        0,
        0,
    )
    assert (phone.phones, phone.numbers, phone.emails) == (300, 300, 0)
    assert (email.emails, email.phones) == (300, 0)
    assert (points.numbers, points.phones, points.yes_no) == (300, 0, 2)
    assert (sms.filled, sms.sampled, sms.yes_no, sms.examples) == (150, 150, 150, ("yes",))
    assert len(name.examples) == 20


def test_dates_of_all_rows_are_counted(tmp_path: Path) -> None:
    rows = ["01/02/2024", "2024-01-31", "12/31/2024", "never", "", "02/30/2024"] * 20_000 + ["31/12/2024"]
    told = profile(tmp_path / "a.csv", "Name,Birthday\n" + "".join(f"a,{date}\n" for date in rows))
    assert told.part_rows == (50_000, 50_000, 20_001)
    name, birthday = told.columns
    assert birthday.sampled == 1000
    assert birthday.filled == 100_001
    assert birthday.date_cells == 60_001
    assert (birthday.fits_mdy, birthday.fits_dmy, birthday.fits_ymd) == (60_000, 40_001, 20_000)
    assert (name.date_cells, name.fits_mdy) == (0, 0)


@pytest.mark.parametrize("rows", [999, 1000, 1001, 49_999])
def test_sample_is_spread_over_the_first_part(tmp_path: Path, rows: int) -> None:
    told = profile(
        tmp_path / "a.csv", "Name,Half\n" + "".join(f"n{n},{'x' if n * 2 < rows else 'y'}\n" for n in range(rows))
    )
    half = told.columns[1]
    assert half.sampled == min(rows, 1000)
    assert set(half.examples) == {"x", "y"}


def test_long_texts_make_smaller_parts(tmp_path: Path) -> None:
    told = profile(tmp_path / "a.csv", "Name,Note\n" + f"a,{'x' * 20_000}\n" * 5_000)
    assert len(told.part_rows) > 1
    assert sum(told.part_rows) == told.rows == 5_000
