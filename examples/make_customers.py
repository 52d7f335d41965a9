"""Writes customers.csv beside itself: 5,000 rows as a retailer's old system would hand them over, mistakes included.

Always the same bytes. Phones and e-mails are of ranges that are set aside for fiction and examples: nobody can be
reached.
"""

import csv
import io
import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

ROWS = 5_000
SEED = 20_240_229
HEADERS = [
    *("First Name", "Last Name", "Phone", "Email", "Birthday", "Address", "City", "State", "Zip", "Points"),
    *("Opt-in SMS", "Opt-in Email", "Explicit SMS Opt-out", "Customer Type", "Loyalty Signup Date", "Favorite Store"),
    *("Veteran", "Shoe Size"),
]
Cells = dict[str, str]

# fmt: off
FIRST_NAMES = [
    "Abigail", "Adrián", "Agnès", "Alan", "Aleksandra", "Ana", "Anders", "Angela", "Arturo", "Astrid", "Benoît",
    "Bianca", "Brian", "Cécile", "Chidi", "Chiara", "Colin", "Dana", "Darius", "Diego", "Dolores", "Edith", "Emeka",
    "Emily", "Fiona", "Frank", "Gloria", "Graham", "Günther", "Hana", "Henry", "Ida", "Inés", "Ivan", "Jada", "James",
    "Jing", "João", "Judy", "Karl", "Kenji", "Lamar", "Leila", "Lena", "Łukasz", "Malik", "Mary Beth", "Mateo",
    "Mei-Ling", "Noah", "Nora", "Omar", "Patrick", "Petra", "Ravi", "Renée", "Ruth", "Salma", "Sean", "Sofía",
    "Søren", "Tamara", "Thuy", "Tyrone", "Ursula", "Vera", "Walter", "Yara", "Zoé", "Ömer", "Мария", "美咲",
]
LAST_NAMES = [
    "Adams", "Ahmed", "Åkesson", "Álvarez", "Baker", "Barros", "Bell", "Brennan", "Brooks", "Chavez", "Chen",
    "Clarke", "Contreras", "D'Amico", "Davies", "De Vries", "Delgado", "Dvořák", "Ellis", "Espinoza", "Fernandes",
    "Fitzgerald", "Fox", "Goldberg", "Greene", "Gutiérrez", "Hansen", "Harper", "Hernández", "Hill", "Ivanov",
    "Jiménez", "Jordan", "Kelly", "Kim", "Kowalczyk", "Lambert", "Lê", "Lopez-Hart", "Marsh", "McCarthy", "Meyer",
    "Müller", "Muñoz", "Nguyễn", "Núñez", "O'Brien", "Okonkwo", "Olsen", "Owens", "Patel", "Perry", "Pham", "Pires",
    "Powell", "Rahman", "Reid", "Ricci", "Rossi", "Ruiz", "Sánchez", "Schmidt", "Singh", "Smith Jr.", "Sørensen",
    "Suzuki", "Torres", "Ueda", "Van den Berg", "Wallace", "Wójcik", "Yilmaz", "Zamora",
]
PLACES = [
    ("New York", "NY", 10001, (212, 646, 917, 718)), ("Los Angeles", "CA", 90004, (213, 310, 323, 818)),
    ("Chicago", "IL", 60601, (312, 773)), ("Houston", "TX", 77002, (281, 713, 832)),
    ("Phoenix", "AZ", 85003, (480, 602)), ("Philadelphia", "PA", 19103, (215, 267)),
    ("San Antonio", "TX", 78204, (210,)), ("San Diego", "CA", 92102, (619, 858)),
    ("Dallas", "TX", 75201, (214, 469, 972)), ("Austin", "TX", 78701, (512,)),
    ("San Francisco", "CA", 94103, (415, 628)), ("Seattle", "WA", 98101, (206, 253)),
    ("Denver", "CO", 80202, (303, 720)), ("Boston", "MA", 2109, (617, 857)), ("Detroit", "MI", 48226, (313, 248)),
    ("Portland", "OR", 97204, (503, 971)), ("Las Vegas", "NV", 89101, (702, 725)),
    ("Albuquerque", "NM", 87102, (505,)), ("Tucson", "AZ", 85701, (520,)), ("Sacramento", "CA", 95814, (916,)),
    ("Oakland", "CA", 94607, (510, 925)), ("Minneapolis", "MN", 55401, (612, 651)),
    ("Newark", "NJ", 7102, (973, 201)), ("Baltimore", "MD", 21202, (410, 443)), ("Portland", "ME", 4101, (207,)),
    ("Anchorage", "AK", 99501, (907,)), ("Boise", "ID", 83702, (208,)), ("Honolulu", "HI", 96813, (808,)),
    ("Hartford", "CT", 6103, (860,)), ("St. Louis", "MO", 63101, (314,)), ("Grand Rapids", "MI", 49503, (616,)),
    ("Springfield", "MA", 1103, (413,)),
]
STREETS = [
    "Alder St", "Bridge Road", "Cherry Lane", "E 14th St", "Franklin Avenue", "Grove Street", "Harbor Blvd",
    "Ivy Court", "Jefferson Ave", "Knoll Drive", "Laurel Street", "Market St", "NW 23rd Ave", "Ocean View Terrace",
    "Peachtree Rd",
]
STORES = ["Downtown", "Eastside", "Main & 3rd", 'The "Depot"', "Harbor Point, level 2", "Uptown", "Westfield"]
TYPES = [
    *["Recreational"] * 9, *["Medical"] * 5,
    "recreational", "REC", "rec", "MEDICAL", "med", "Adult Use", "adult-use", "",
]
YES, NO = ["Yes", "yes", "YES", "Y", "TRUE", "1", "x", "on"], ["No", "no", "N", "FALSE", "0", "off"]

#: By column: cells that must draw a notice (or be read with care), and in how many of a thousand rows one stands.
MISTAKES: dict[str, tuple[int, list[str]]] = {
    "First Name": (3, [
        '=HYPERLINK("http://example.com","click")', "<b>Bob</b>", "Zoe\u200b", "Maria\tJose", "👩\u200d🌾 Kay", "@cme",
    ]),
    "Phone": (24, [
        "555-0142", "0000000000", "n/a", "call first", "1.21256E+10", "212-555-0101 / 212-555-0102",
        "415-555-0121 x12", "1-800-FLOWERS", "(999) 999-9999", "+1 212 555 010", "12345678901234567890", "#N/A",
        "206.555.0134 ext 4", "none",
    ]),
    "Email": (16, [
        "none", "n/a", "bob@", "@example.com", "ann.example.com", "two@@example.com", "Bob <bob@example.com>",
        "a b@example.com", "mailto:kim@example.com", "dot..dot@example.com", "joe@example",
        "x@example.com, y@example.com",
    ]),
    "Birthday": (10, [
        "02/30/1990", "13/13/1980", "unknown", "32874", "3/4/85", "01/01/1899", "07/04/2091", "00/00/0000",
    ]),
    "Points": (14, [
        "5.5", "1e5", "NaN", "50 pts", "$20", "1_000", "50-", "lots", "1,00", "9999999999", "١٢٣", "#REF!",
    ]),
    "Opt-in SMS": (6, ["maybe", "?", "ask again", "oui"]),
    "Opt-in Email": (6, ["maybe", "see notes", "si"]),
    "Explicit SMS Opt-out": (3, ["STOP", "pending"]),
    "Customer Type": (12, ["VIP", "Wholesale", "Staff", "unknown"]),
    "Loyalty Signup Date": (8, ["soon", "2023-02-29", "45000", "2022-13-01"]),
}
# fmt: on
#: Cells that look odd and are right: read as what they mean.
ODD_POINTS = ["1,250", "(15)", "\u221220", "+75", "60.0", "2,000", "-35", "40.00", "'25"]
ODD_YES_NO_COLUMNS = {
    "Opt-in SMS": (48, 30),
    "Opt-in Email": (55, 25),
    "Explicit SMS Opt-out": (4, 20),
    "Veteran": (7, 55),
}
BLANKS = {"Phone": 2, "Email": 8, "Birthday": 20, "Address": 15, "Shoe Size": 70, "Favorite Store": 30}
FOREIGN_PHONES = ["+44 20 7946 0{:03d}", "+61 491 570 {:03d}", "0044 20 7946 0{:03d}", "+52 55 5555 0{:03d}"]
PHONE_SPELLINGS: list[Callable[[str, str], str]] = [
    lambda area, rest: f"({area}) {rest[:3]}-{rest[3:]}",
    lambda area, rest: f"{area}-{rest[:3]}-{rest[3:]}",
    lambda area, rest: f"{area}{rest}",
    lambda area, rest: f"+1{area}{rest}",
    lambda area, rest: f"{area}.{rest[:3]}.{rest[3:]}",
    lambda area, rest: f"1-{area}-{rest[:3]}-{rest[3:]}",
    lambda area, rest: f"+1 ({area}) {rest[:3]} {rest[3:]}",
    lambda area, rest: f" {area} {rest[:3]} {rest[3:]} ",
    lambda area, rest: f"'{area}{rest}",
    lambda area, rest: f"{area}{rest}.0",
    lambda area, rest: f"{area}\u00a0{rest[:3]}\u2011{rest[3:]}",
    lambda area, rest: f"{area}{rest}".translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)}),
]
PHONE_WEIGHTS = [24, 20, 18, 12, 8, 5, 5, 3, 1.5, 1.5, 1, 0.5]


def make_people(rng: random.Random, count: int) -> list[Cells]:
    """People with every cell filled and spelled properly; no two share a phone or an e-mail."""
    numbers = [(place, area, line) for place in PLACES for area in place[3] for line in range(100, 200)]
    rng.shuffle(numbers)
    return [_make_person(rng, index, *numbers[index]) for index in range(count)]


def _make_person(
    rng: random.Random, index: int, place: tuple[str, str, int, tuple[int, ...]], area: int, line: int
) -> Cells:
    first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
    born = date(1940, 1, 1) + timedelta(days=rng.randrange(23_700))
    joined = date(2016, 1, 1) + timedelta(days=rng.randrange(3_200))
    city, state, zip_code, _ = place
    flat = f", Apt {rng.randint(1, 40)}" if rng.random() < 0.12 else ""
    return {
        "First Name": first,
        "Last Name": last,
        "Phone": f"{area}555{line:04d}",
        "Email": _make_email(rng, first, last, index),
        "Birthday": born.strftime("%m/%d/%Y"),
        "Address": f"{rng.randint(10, 9_900)} {rng.choice(STREETS)}{flat}",
        "City": city,
        "State": state,
        "Zip": f"{zip_code + rng.randrange(3):05d}",
        "Customer Type": rng.choice(TYPES),
        "Loyalty Signup Date": joined.isoformat(),
        "Favorite Store": rng.choice(STORES),
        "Shoe Size": rng.choice(["7", "8", "8.5", "9", "10", "10.5", "11", "12"]),
    }


def _make_email(rng: random.Random, first: str, last: str, index: int) -> str:
    names = [
        "".join(letter for letter in name.lower() if letter.isascii() and letter.isalpha()) for name in (first, last)
    ]
    local = rng.choice([".", "_", ""]).join(name for name in names if name) or "shopper"
    domain = rng.choice(["example.com", "example.com", "example.org", "example.net", "mail.example.com"])
    return f"{local}{index if rng.random() < 0.9 else f'+{index}'}@{domain}"


def spell_row(rng: random.Random, person: Cells) -> Cells:
    """One row about a person as a tired clerk would type it."""
    row = dict(person)
    if len(row["Phone"]) == 10 and row["Phone"].isdecimal():
        row["Phone"] = rng.choices(PHONE_SPELLINGS, PHONE_WEIGHTS)[0](row["Phone"][:3], row["Phone"][3:])
    row["Email"] = _spell_email(rng, row["Email"])
    row["Points"] = row.get("Points") or _spell_points(rng)
    for header, (yes, no) in ODD_YES_NO_COLUMNS.items():
        kind = rng.choices([YES, NO, [""]], [yes, no, 100 - yes - no])[0]
        row[header] = kind[0] if rng.random() < 0.6 else rng.choice(kind)
    for header, share in {
        "Phone": 2,
        "Email": 8,
        "Birthday": 20,
        "Address": 15,
        "Shoe Size": 70,
        "Favorite Store": 30,
    }.items():
        if rng.random() * 100 < share:
            row[header] = ""
    for header, (of_thousand, cells) in MISTAKES.items():
        if rng.random() * 1_000 < of_thousand:
            row[header] = rng.choice(cells)
    return row


def _spell_email(rng: random.Random, email: str) -> str:
    return rng.choices([email, email.upper(), email.title(), f" {email} "], [70, 12, 14, 4])[0]


def _spell_points(rng: random.Random) -> str:
    roll = rng.random()
    if roll < 0.02:
        return rng.choice(ODD_POINTS)
    return str(rng.randint(5, 900)) if roll < 0.65 else rng.choice(["", "0"])


def make_rows(rng: random.Random) -> list[Cells]:
    """All rows in order: most people once, some again, a few mixed up with somebody else."""
    everybody = make_people(rng, 4_760)
    people, unused = everybody[:4_708], everybody[4_708:]
    for k in range(8):
        people[4_000 + k]["Phone"] = FOREIGN_PHONES[k % 4].format(156 + k // 4)
    again = [_repeat(rng, person, rng.choice(unused)) for person in rng.sample(people, 270)]
    rows = [*people]
    # Late in the file, so that most often the shoppers are known by then.
    for row in again:
        rows.insert(rng.randrange(2_000, len(rows)), row)
    for one, other in zip(people[100:118], people[900:918], strict=True):
        rows.insert(rng.randrange(4_000, len(rows)), {**one, "Email": other["Email"]})
    return [*(spell_row(rng, row) for row in rows), *_odd_rows(people)]


def _repeat(rng: random.Random, person: Cells, other: Cells) -> Cells:
    """The same shopper once more: with both keys, with another phone or e-mail, or by one key alone."""
    changes = [{}, {}, {"Email": other["Email"]}, {"Phone": other["Phone"]}, {"Email": ""}, {"Phone": ""}]
    return {**person, "Address": "1 New Street", "Points": rng.choice(["", "-20", "-5"]), **rng.choice(changes)}


def _odd_rows(people: list[Cells]) -> list[Cells]:
    """What stands at the end of such files: test entries, a line without any key, the sum of a column."""
    opted_out = {**people[0], "Points": "", "Opt-in SMS": "Yes", "Explicit SMS Opt-out": "Yes"}
    return [
        opted_out,
        {"First Name": "TEST", "Last Name": "DO NOT USE"},
        {"First Name": "Gift card", "Points": "500"},
        {"First Name": "Total", "Points": "1,284,550"},
    ]


def write_file(path: Path) -> None:
    """Write the file, with what no writer of .csv files would do by itself: loose commas, bytes of another encoding."""
    rng = random.Random(SEED)
    lines = [_as_line([row.get(header, "") for header in HEADERS]) for row in make_rows(rng)]
    with_comma = [
        k for k, line in enumerate(lines) if b", Apt " in line and line.count(b'"') == 2 and not line.endswith(b",\r\n")
    ]
    for k in with_comma[5:50:15]:
        lines[k] = lines[k].replace(b'"', b"")
    accented = [k for k, line in enumerate(lines) if "é".encode() in line]
    for k in accented[10:55:15]:
        lines[k] = lines[k].replace("é".encode(), "é".encode("latin-1"))
    for k in (4_000, 1_200):
        lines.insert(k, b"," * (len(HEADERS) - 1) + b"\r\n")
    path.write_bytes(_as_line(HEADERS) + b"".join(lines))


def _as_line(cells: list[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()


if __name__ == "__main__":
    write_file(Path(__file__).with_name("customers.csv"))
