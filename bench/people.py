"""Invented people for benchmarks: everything about person number n follows from n alone. Owns no rows and no noise.

So an import file and the existing population agree on who is who without ever seeing each other.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Numbers = npt.NDArray[np.int64]

# fmt: off
FIRST_NAMES = [
    "Aaron", "Adele", "Aisha", "Alejandro", "Amélie", "Andre", "Anika", "Beatriz", "Björn", "Brandon", "Brenda",
    "Caleb", "Chloë", "Christopher", "Claire", "Cristina", "Damian", "Deborah", "Dmitri", "Elena", "Elif", "Eric",
    "Esther", "Farah", "François", "Gabriela", "George", "Grace", "Hannah", "Hassan", "Helena", "Ibrahim", "Irene",
    "Isaac", "Jaden", "Jean-Luc", "Jesús", "Joan", "Kevin", "Keiko", "Laura", "Leo", "Lucía", "Marcus", "Maria Jose",
    "Naomi", "Nikhil", "Olivia", "Oscar", "Paula", "Priya", "Quentin", "Rachel", "Raúl", "Rosa", "Samuel", "Sinéad",
    "Tara", "Theo", "Uma", "Victor", "Wendy", "Xavier", "Yusuf", "Zara",
]
LAST_NAMES = [
    "Abbott", "Acosta", "Adeyemi", "Alvarez", "Bailey", "Bauer", "Becker", "Bergström", "Bishop", "Carter", "Castro",
    "Chang", "Cohen", "Cruz", "Dawson", "De la Cruz", "Diaz", "Dubois", "Edwards", "Eriksen", "Fernández", "Fischer",
    "Flores", "Foster", "Gibson", "Gómez", "Grant", "Haddad", "Hayes", "Hoffman", "Hughes", "Ibarra", "Jackson",
    "Jensen", "Kaur", "Keller", "Khan", "Kozlov", "Larsen", "Lindqvist", "Long", "Mahmoud", "Mendoza", "Morales",
    "Mwangi", "Nakamura", "Novák", "O'Connor", "Ortiz", "Park", "Peterson", "Quinn", "Ramos", "Reyes", "Rivera-Soto",
    "Russo", "Sato", "Schäfer", "Shah", "Stone", "Tran", "Turner", "Vargas", "Walker", "Weber", "Xu", "Yamamoto",
    "Zhang",
]
STREETS = [
    "Acacia Avenue", "Bay Street", "Canal Street", "Chestnut Street", "Division Street", "Fifth Avenue", "Garden Lane",
    "High Street", "Juniper Court", "Kings Road", "Linden Boulevard", "Mill Road", "North 3rd Street", "Orchard Way",
]
STORES = [
    "Airport", "Bayview", "Canyon Road", "Downtown", "Eastgate", "Fairgrounds", "Greenway", "Harbor", "Lakeshore",
    "Midtown", "Northside", "Old Town", "Pine & 4th", "Riverside", "Southgate", "Uptown", "West End, upper level",
    'The "Corner" shop',
]
# Set aside for examples: whatever is done with an invented file, no letter reaches anybody.
MAIL_DOMAINS = ["example.com", "example.com", "example.org", "example.net", "mail.example.com", "post.example.org"]
# City, state, first of its ZIP codes, area code.
PLACES = [
    ("Albuquerque", "NM", 87101, 505), ("Atlanta", "GA", 30301, 404), ("Baltimore", "MD", 21201, 410),
    ("Boston", "MA", 2108, 617), ("Buffalo", "NY", 14201, 716), ("Chicago", "IL", 60601, 312),
    ("Cleveland", "OH", 44101, 216), ("Dallas", "TX", 75201, 214), ("Denver", "CO", 80202, 303),
    ("Detroit", "MI", 48201, 313), ("Fresno", "CA", 93701, 559), ("Hartford", "CT", 6101, 860),
    ("Kansas City", "MO", 64101, 816), ("Los Angeles", "CA", 90001, 213), ("Milwaukee", "WI", 53201, 414),
    ("Minneapolis", "MN", 55401, 612), ("Nashville", "TN", 37201, 615), ("New Orleans", "LA", 70112, 504),
    ("New York", "NY", 10001, 212), ("Newark", "NJ", 7101, 973), ("Oakland", "CA", 94601, 510),
    ("Omaha", "NE", 68101, 402), ("Philadelphia", "PA", 19102, 215), ("Phoenix", "AZ", 85001, 602),
    ("Pittsburgh", "PA", 15201, 412), ("Portland", "OR", 97201, 503), ("Raleigh", "NC", 27601, 919),
    ("Reno", "NV", 89501, 775), ("Sacramento", "CA", 94203, 916), ("Salt Lake City", "UT", 84101, 801),
    ("San Diego", "CA", 92101, 619), ("San Francisco", "CA", 94102, 415), ("Seattle", "WA", 98101, 206),
    ("Spokane", "WA", 99201, 509), ("Tampa", "FL", 33602, 813), ("Tucson", "AZ", 85701, 520),
]
# fmt: on
_LETTERS = str.maketrans("áäéèëíïñöóúüç", "aaeeeiinoouuc")
_EXCHANGES = np.array([n for n in range(220, 990) if n % 100 != 11 and n != 555])
_LINES = 10_000
_EPOCH = np.datetime64("1935-01-01")
_BIRTHDAYS, _SIGNUPS_FROM, _SIGNUPS = 25_500, 28_900, 4_000  # days

# A stride without a factor in common with the number of phones visits each exactly once.
_PHONES = len(PLACES) * len(_EXCHANGES) * _LINES
_STRIDE = 104_729_003


def draw(people: Numbers, what: int, choices: int) -> Numbers:
    """A number below `choices` for each person: always the same for the same person and the same `what`."""
    bits = (people.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15 + 2 * what)
    for shift, factor in ((32, 0xD6E8FEB86659FD93), (29, 0xA0761D6478BD642F), (32, 0xE7037ED1A0B428DB)):
        bits = (bits ^ (bits >> np.uint64(shift))) * np.uint64(factor)
    return ((bits >> np.uint64(20)) % np.uint64(choices)).astype(np.int64)


def join(*parts: Any) -> Any:
    """Columns and plain strings, put together row by row."""
    return pc.binary_join_element_wise(*parts, "")


def digits(numbers: Numbers, width: int) -> Any:
    return pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), width, "0")


def take(words: list[str], indices: Numbers) -> Any:
    return pa.array(words).take(pa.array(indices))


def phone_pieces(people: Numbers) -> tuple[Any, Any, Any]:
    """Area code, exchange and line number as columns of text; valid, and of one person only."""
    place, rest = np.divmod((people + 1) * _STRIDE % _PHONES, len(_EXCHANGES) * _LINES)
    exchange, line = np.divmod(rest, _LINES)
    areas = np.array([area for _, _, _, area in PLACES])
    return digits(areas[place], 3), digits(_EXCHANGES[exchange], 3), digits(line, 4)


def emails(people: Numbers) -> Any:
    """Addresses in lower case; of one person only, because each ends in the person's number."""
    first = take([_plain(name) for name in FIRST_NAMES], draw(people, 1, len(FIRST_NAMES)))
    last = take([_plain(name) for name in LAST_NAMES], draw(people, 2, len(LAST_NAMES)))
    number = pc.cast(pa.array(people), pa.string())
    spellings = (
        join(first, ".", last),
        join(last, "_"),
        join(pc.utf8_slice_codeunits(first, 0, 1), last),
        join(first, "+shop"),
    )
    local = pc.choose(pa.array(draw(people, 3, len(spellings))), *spellings)
    return join(local, number, "@", take(MAIL_DOMAINS, draw(people, 4, len(MAIL_DOMAINS))))


def profile(people: Numbers) -> dict[str, Any]:
    """The columns that no file gets wrong: names, dates (days), address, store."""
    place = draw(people, 6, len(PLACES))
    number = pc.cast(pa.array(draw(people, 7, 9_800) + 100), pa.string())
    flat = draw(people, 9, 120)
    street = join(number, " ", take(STREETS, draw(people, 8, len(STREETS))))
    with_flat = join(street, ", Apt ", pc.cast(pa.array(flat), pa.string()))
    zips = np.array([first for _, _, first, _ in PLACES])[place] + draw(people, 10, 8)
    return {
        "first_name": take(FIRST_NAMES, draw(people, 1, len(FIRST_NAMES))),
        "last_name": take(LAST_NAMES, draw(people, 2, len(LAST_NAMES))),
        "birthday": pa.array(_EPOCH + draw(people, 5, _BIRTHDAYS)),
        "address": pc.if_else(pa.array(flat < 10), with_flat, street),
        "city": take([city for city, _, _, _ in PLACES], place),
        "state": take([state for _, state, _, _ in PLACES], place),
        "postal_code": digits(zips, 5),
        "loyalty_signup_date": pa.array(_EPOCH + _SIGNUPS_FROM + draw(people, 11, _SIGNUPS)),
        "favorite_store": take(STORES, draw(people, 12, len(STORES))),
    }


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower().translate(_LETTERS) if letter.isascii() and letter.isalpha())
