"""What is a row, which line it stands on, and how a file's bytes become text."""

import pytest

from tests.rules.shop import ANN, BOB, CY, Shop, Told, as_xlsx
from tests.running import Running

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def layout(system: Running) -> tuple[Shop, Told]:
    """Titles, blank records, short and wide rows, and rows with nothing in a mapped column."""
    shop = Shop(system)
    told = shop.bring(
        "Customers of the north\n"
        "\n"
        "Phone,First Name,City,Junk\n"  # 3
        "\n"
        "4155552671,Ann,Reno,\n"  # 5
        ", \u200b,\t,\u00a0\n"  # 6: nothing is left
        "2125550187\n"  # 7: short
        ",,,noise\n"  # 8: only an unmapped cell
        "3105550123,Cy,Ely,x, , \n"  # 9: blank beyond the header
        "3105550123,Cyrus,Ely,x,,more\n"  # 10: too wide
        "nope,Di,,\n"  # 11
    )
    return shop, told


def test_lines_are_numbered_as_in_a_spreadsheet(layout: tuple[Shop, Told]) -> None:
    """Lines are numbered as in a spreadsheet …"""
    _, told = layout
    assert sorted(told.outcomes) == [5, 7, 8, 9, 10, 11]


def test_a_record_that_is_blank_after_cleaning_is_no_row(layout: tuple[Shop, Told]) -> None:
    """A record in which nothing is left after cleaning is no row."""
    _, told = layout
    assert told["rows"]["read"] == 6
    assert 6 not in told.outcomes


def test_one_filled_cell_makes_a_row(layout: tuple[Shop, Told]) -> None:
    """One filled cell makes it a row, also in a column that nobody mapped."""
    shop, told = layout
    assert told["mapping"]["Junk"] is None
    assert told.rejects[8] == "no_phone_or_email"
    assert len(shop.people()) == 3


def test_a_short_row_has_blank_cells_at_its_end(layout: tuple[Shop, Told]) -> None:
    """A short row has blank cells at its end."""
    shop, told = layout
    assert told.outcomes[7] == "created"
    assert shop.show(BOB)["first_name"] is None


def test_cells_beyond_the_header_reject_the_row_unless_blank(layout: tuple[Shop, Told]) -> None:
    """In a .csv, cells beyond the header reject the row (row_too_wide) unless they are blank.
    row_too_wide: there are more filled cells than columns
    """
    shop, told = layout
    assert told.outcomes[9] == "created"
    assert told.rejects[10] == "row_too_wide"
    assert shop.show(CY)["first_name"] == "Cy"


@pytest.mark.parametrize("titles", [1, 19])
def test_the_header_is_one_of_the_first_twenty_records(shop: Shop, titles: int) -> None:
    """The header is looked for in the first 20 records, by the names that are known and by its shape."""
    told = shop.bring("Shop of the north,,\n" * titles + "Phone,First Name,Notes\n4155552671,Ann,\n")
    assert list(told.outcomes) == [titles + 2]
    assert told["mapping"] == {"Phone": "phone", "First Name": "first_name", "Notes": None}


def test_a_header_after_twenty_records_is_not_found(shop: Shop) -> None:
    """The header is looked for in the first 20 records …"""
    told = shop.offer("Shop of the north,,\n" * 20 + "Phone,First Name,Notes\n4155552671,Ann,\n")
    assert told["status"] != "completed"
    assert "Phone" not in told["mapping"]


def test_without_a_header_the_import_fails(shop: Shop) -> None:
    """If none looks like one, the import fails (no_header)."""
    told = shop.offer("4155552671,Ann\n2125550187,Bob\n")
    assert (told["status"], told["code"]) == ("failed", "no_header")
    assert shop.people() == []


def test_a_workbooks_column_without_header_is_ignored(shop: Shop) -> None:
    """In a workbook, a column without header is ignored."""
    told = shop.bring(
        as_xlsx(["Phone", "City", None], [4155552671, "Reno", "beside"], [2125550187, None, "too"]), "c.xlsx"
    )
    assert told["rows"]["created"] == 2
    assert told["mapping"]["Column 3"] is None


def test_headers_are_made_unique(shop: Shop) -> None:
    """Two columns of one name become Phone and Phone (2); a nameless seventh column is called Column 7."""
    told = shop.bring("Phone,Phone,City,Junk,Junk,Junk,,Zip\n4155552671,2125550187,Reno,,,,x,89501\n")
    assert list(told["mapping"]) == ["Phone", "Phone (2)", "City", "Junk", "Junk (2)", "Junk (3)", "Column 7", "Zip"]
    assert [person["phone"] for person in shop.people()] == [ANN]


def test_a_file_is_utf8_when_most_of_its_records_are(shop: Shop) -> None:
    """A .csv is UTF-8 when most of its records with letters beyond ASCII …
    cell_not_text: a cell holds bytes or characters that are no text
    """
    told = shop.bring(
        "Phone,First Name\n4155552671,Zoë\n2125550187,Müller\n".encode()
        + b"3105550123,Jos\xe9\n4155552672,plain\n4155552673,a\0b\n"
    )
    assert told.rejects == {4: "cell_not_text", 6: "cell_not_text"}
    assert [person["first_name"] for person in shop.people()] == ["Müller", "Zoë", "plain"]
    assert told["code"] is None


def test_another_file_is_windows_1252_and_says_so(shop: Shop) -> None:
    """Otherwise it is read as Windows-1252, and the import says so."""
    told = shop.bring("Phone,First Name\n4155552671,José\n2125550187,Müller\n3105550123,€uro\n".encode("cp1252"))
    assert [person["first_name"] for person in shop.people()] == ["Müller", "€uro", "José"]
    assert told["code"] == "read_as_windows_1252"
    assert "Windows-1252" in told["message"]


@pytest.mark.parametrize(
    ("data", "options"),
    [
        ("Phone,First Name\n4155552671,Zoë\n".encode("utf-8-sig"), {}),
        ("Phone,First Name\n4155552671,Zoë\n".encode("cp1252"), {"encoding": "cp1252"}),
        ("Phone,First Name\n4155552671,Zoë\n".encode("mac-roman"), {"encoding": "mac-roman"}),
    ],
    ids=["mark", "cp1252", "mac-roman"],
)
def test_a_mark_or_a_person_decides_the_encoding(shop: Shop, data: bytes, options: dict[str, str]) -> None:
    """A byte order mark or --encoding decides before any of this."""
    told = shop.bring(data, **options)
    assert told["code"] is None
    assert shop.show(ANN)["first_name"] == "Zoë"


def test_only_mapped_columns_are_judged(shop: Shop) -> None:
    """Only mapped columns are judged.
    Nothing in an ignored column can reject a row or draw a notice.
    """
    told = shop.bring(
        "Phone,Junk,Other Birthday\n4155552671,Zoë,\n2125550187,".encode() + b"\xff\xfe,13/13/2000\n"
        b"3105550123," + b"x" * 40_000 + b",\n4155552672,a\0b,never\n",
        ignore=["Other Birthday"],
    )
    assert (told["rows"]["created"], told.rejects, told.notices) == (4, {}, {})


@pytest.fixture(scope="module")
def rejected(system: Running) -> tuple[Shop, Told]:
    """Rows with everything wrong at once, one fault less in each; every delta is refused."""
    shop = Shop(system)
    shop.add(phone=ANN)
    shop.add(email="b@example.org")
    shop.forget(shop.add(phone=CY, email="c@example.org"))
    long, bad_date = "x" * 32_768, "13/13/2000"
    told = shop.bring(
        "Phone,Email,City,Birthday\n"
        f"nope,,\0{long},{bad_date},more\n"
        f"nope,,{long},{bad_date},more\n"
        f"nope,,,{bad_date},more\n"
        f"nope,,,{bad_date}\n"
        f"4155552671,c@example.org,,{bad_date}\n"
        f"3105550123,b@example.org,,{bad_date}\n"
        f"4155552671,b@example.org,,{bad_date}\n"
        f"4155552671,,{long[1:]}\u200b,{bad_date}\n"
    )
    return shop, told


def test_a_reject_has_the_first_code_that_fits(rejected: tuple[Shop, Told]) -> None:
    """no_phone_or_email: neither identifier is there and valid"""
    _, told = rejected
    assert [told.rejects[line] for line in range(2, 9)] == [
        *("cell_not_text", "cell_too_long", "row_too_wide", "no_phone_or_email"),
        *("blocked", "blocked", "identity_conflict"),
    ]


def test_a_cell_is_too_long_after_cleaning(rejected: tuple[Shop, Told]) -> None:
    """cell_too_long: a cell has more than 32,767 characters after cleaning"""
    shop, told = rejected
    assert told.outcomes[9] == "updated"
    assert len(shop.show(ANN)["city"]) == 32_767


def test_the_forgotten_are_blocked_whoever_else_matches(rejected: tuple[Shop, Told]) -> None:
    """blocked: the phone or the e-mail is one of a forgotten shopper, whoever else the row fits"""
    shop, told = rejected
    assert told.rejects[6] == told.rejects[7] == "blocked"
    assert [person["email"] for person in shop.people()] == ["b@example.org", None]


def test_an_identity_conflict_names_both_personas(rejected: tuple[Shop, Told]) -> None:
    """identity_conflict: the phone belongs to one persona, the e-mail to another …"""
    shop, told = rejected
    (row,) = shop.system.select(
        "SELECT phone_persona_id, email_persona_id FROM rejects WHERE import_id = :id AND line = 8",
        id=told["import_id"],
    )
    assert [*row.values()] == [shop.show(ANN)["persona_id"], shop.show("b@example.org")["persona_id"]]


def test_notices_that_help_to_mend_a_rejected_row_are_kept_and_counted(rejected: tuple[Shop, Told]) -> None:
    """The notices of a rejected row are kept and counted …"""
    _, told = rejected
    kept = "birthday date_invalid"
    assert told.notices == {5: [kept, "phone phone_letters"], 8: [kept], 9: [kept]}
    assert told["notices"]["date_invalid"] == 3


def test_a_blocked_row_is_reported_by_line_and_code_alone(rejected: tuple[Shop, Told]) -> None:
    """A blocked row is reported by line and code alone …"""
    shop, told = rejected
    found = [each for each in shop.findings(told) if each.line in (6, 7)]
    assert [(each.line, each.code, each.column, each.value) for each in found] == [
        (6, "blocked", None, None),
        (7, "blocked", None, None),
    ]
