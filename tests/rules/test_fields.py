"""Which column is what: auto-mapping, what is never guessed, what a person decides, and all the fields there are."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.answers import map_columns
from pipeline.mapping.reasons import list_reasons
from pipeline.templates import write_templates
from schemas.fields import FIELDS, TEMPLATE_HEADERS
from schemas.mapping import Mapping
from tests.rules.book import read_rules
from tests.rules.shop import ANN, Shop, Told, as_csv

pytestmark = pytest.mark.services


def mapping_of(shop: Shop, told: Told) -> Mapping:
    """All that is known of the columns, offers and doubts included."""
    (row,) = shop.system.select("SELECT mapping FROM imports WHERE id = :id", id=told["import_id"])
    return Mapping(**row["mapping"])


def test_headers_are_compared_by_letters_and_digits(shop: Shop) -> None:
    """Headers are compared without regard to case, blanks, punctuation and width of letters …"""
    told = shop.bring(
        "ｐｈｏｎｅ,E-MAIL ,first_NAME,D.O.B.,Zip Code,Acquis\n4155552671,a@example.org,Ann,1990-01-31,89501,x\n"
    )
    assert told["mapping"] == {
        "ｐｈｏｎｅ": "phone",
        "E-MAIL": "email",
        "first_NAME": "first_name",
        "D.O.B.": "birthday",
        "Zip Code": "postal_code",
        "Acquis": None,
    }


def test_values_must_agree_with_the_name(shop: Shop) -> None:
    """The values of a column must agree with its name."""
    told = shop.bring(
        "Phone,Email,State,Country\n4155552671,yes,active,1\n2125550187,no,inactive,1\n3105550123,yes,active,44\n"
    )
    assert told["mapping"] == {"Phone": "phone", "Email": None, "State": None, "Country": None}


def test_each_column_ends_mapped_offered_or_ignored(shop: Shop) -> None:
    """Each column ends up mapped, offered as a custom attribute, or ignored.
    What is offered is applied only if a person says so.
    """
    file = "Phone,Shoe Size,Photo URL\n4155552671,42,somewhere\n"
    told = shop.bring(file)
    mapping = mapping_of(shop, told)
    assert mapping.fields == {"Phone": "phone", "Shoe Size": None, "Photo URL": None}
    assert list(mapping.offered) == ["Shoe Size"]
    assert shop.show(ANN)["attributes"] == {}
    shop.bring(file, map={"shoe size": "attribute:Shoe Size"})
    assert shop.show(ANN)["attributes"] == {"Shoe Size": "42"}


def test_a_field_is_fed_by_one_column(shop: Shop) -> None:
    """A field is fed by one column.
    A second candidate is shown, not used.
    """
    told = shop.bring("Phone,Work Phone,City\n4155552671,2125550187,Reno\n3105550123,2125550188,Ely\n")
    assert told["mapping"] == {"Phone": "phone", "Work Phone": None, "City": "city"}
    assert "Could be phone too" in list_reasons(mapping_of(shop, told))["Work Phone"]
    both = shop.offer("Phone,Work Phone\n4155552671,2125550187\n", map={"Phone": "phone", "Work Phone": "phone"})
    assert (both["status"], both["code"]) == ("failed", "bad_options")


def test_totals_are_never_points(shop: Shop) -> None:
    """a total or balance is not taken for points …"""
    headers = ["Points Balance", "loyalty_points", "Total Points", "Lifetime points", "Balance"]
    told = shop.bring(as_csv(["Phone", *headers], ["4155552671", *["500"] * len(headers)]))
    assert told["mapping"] == {"Phone": "phone", **dict.fromkeys(headers)}
    assert shop.show(ANN)["points"] == 0


def test_points_of_an_export_are_in_doubt(shop: Shop) -> None:
    """Points beside visits, orders or money spent may be a balance and is in doubt …"""
    told = shop.offer("Phone,Points,Last Visit\n4155552671,500,2024-01-05\n")
    assert (told["status"], told["code"]) == ("needs_mapping", "doubtful_column")
    told = shop.bring("Phone,Points,Last Visit,Opt-in SMS\n4155552671,500,2024-01-05,yes\n")
    assert told["points"]["added"] == 500


def test_opt_outs_and_states_are_never_guessed(shop: Shop) -> None:
    """a column that says unsubscribed or opted out, or holds states of several words, is not taken for a permission"""
    headers = [
        "Unsubscribed",
        "Opted Out",
        "Email Opt Out",
        "SMS opted out",
        "Email Status",
        "Do Not Text",
        "Marketing Status",
    ]
    rows = [[f"415555267{row}", *["yes"] * 4, *["subscribed"] * 3] for row in range(3)]
    told = shop.bring(as_csv(["Phone", *headers], *rows))
    assert told["mapping"] == {"Phone": "phone", **dict.fromkeys(headers)}
    assert told.events == []
    states = [[f"415555267{row}", word] for row, word in enumerate(["never subscribed", "subscribed", "cleaned"])]
    waiting = shop.offer(as_csv(["Phone", "SMS Consent"], *states))
    assert waiting["mapping"]["SMS Consent"] is None


def test_the_templates_own_opt_out_is_known(shop: Shop) -> None:
    """the header Explicit SMS Opt-out of our own templates is the one exception to that"""
    told = shop.bring("Phone,Explicit SMS Opt-out\n4155552671,yes\n")
    assert told["mapping"]["Explicit SMS Opt-out"] == "sms_opt_out"
    assert shop.consent(ANN)[0] == "opted_out"


@pytest.mark.parametrize("header", ["SMS", "Mobile"])
def test_a_column_of_numbers_called_sms_or_mobile_is_a_phone(shop: Shop, header: str) -> None:
    """a column called SMS or Mobile that holds numbers is a phone"""
    told = shop.bring(f"{header},First Name\n4155552671,Ann\n2125550187,Bob\n")
    assert told["mapping"][header] == "phone"
    assert told.events == []


@pytest.mark.parametrize(
    ("file", "code", "said"),
    [
        ("First Name,City\nAnn,Reno\n", "no_key_column", "First Name"),
        ("Phone,Points\n4155552671,gold\n2125550187,silver\n3105550123,gold\n", "doubtful_column", "Points"),
        ("Phone,SMS Opt In\n" + "4155552671,single opt-in\n" * 30, "doubtful_column", "SMS Opt In"),
    ],
)
def test_without_a_key_or_in_doubt_the_import_waits(shop: Shop, file: str, code: str, said: str) -> None:
    """Without a column for phone or e-mail (no_key_column), or with doubt …
    Nothing has been touched by then.
    """
    told = shop.offer(file)
    assert (told["status"], told["code"]) == ("needs_mapping", code)
    assert f'"{said}"' in told["message"]
    assert (shop.people(), told.outcomes, told["audience"]["id"]) == ([], {}, None)


@pytest.mark.parametrize("answer", ["map", "ignore", "later"])
def test_a_person_ends_every_doubt(shop: Shop, answer: str) -> None:
    """--map "Header=field" and --ignore "Header" end every doubt"""
    file = "Phone,Points\n4155552671,gold\n2125550187,silver\n3105550123,gold\n"
    options: dict[str, Any] = {"map": {"points": "attribute:Tier"}, "ignore": ["POINTS"]}
    told = shop.offer(file, **{name: value for name, value in options.items() if name == answer})
    if answer == "later":
        shop.system.ring_here(map_columns(shop.tools, told["import_id"], {"Points": "attribute:Tier"}))
    assert shop.tell(told["import_id"])["status"] == "completed"
    assert shop.show(ANN)["attributes"] == ({} if answer == "ignore" else {"Tier": "gold"})


def test_a_saved_mapping_is_found_again_by_the_headers(shop: Shop) -> None:
    """A mapping can be saved for the account and is used again for a file with the same headers."""
    shop.bring("Reach,Shoe\n4155552671,42\n", map={"Reach": "phone", "Shoe": "attribute:Shoe"}, save_mapping="till")
    again = shop.bring("REACH,shoe\n4155552671,43\n")
    assert again["mapping"] == {"REACH": "phone", "shoe": "attribute:Shoe"}
    assert shop.show(ANN)["attributes"] == {"Shoe": "43"}
    assert shop.offer("Reach,Shoe,City\n4155552671,44,Reno\n")["status"] == "needs_mapping"
    named = shop.bring("Shoe,City,Reach\n44,Reno,4155552671\n", mapping="till")
    assert named["mapping"] == {"Shoe": "attribute:Shoe", "City": "city", "Reach": "phone"}


FULL = {
    **dict.fromkeys(FIELDS, "x"),
    "phone": "4155552671", "email": "A@example.org", "birthday": "1990-01-31", "points": "50",
    "sms_opt_in": "yes", "email_opt_in": "yes", "sms_opt_out": "no", "email_opt_out": "no", "customer_type": "med",
    "loyalty": "yes", "loyalty_signup_date": "2024-01-31",
}  # fmt: skip


def test_there_are_these_fields(shop: Shop) -> None:
    """The fields are first_name, last_name, full_name, phone, email, birthday …"""
    (rule,) = (rule for rule in read_rules() if rule.startswith("The fields are"))
    assert rule.removeprefix("The fields are ").split(", ") == list(FIELDS)
    shop.bring(as_csv(list(FULL), list(FULL.values())), map={name: name for name in FULL})
    (told,) = shop.people()
    for name in set(FULL) - {"sms_opt_in", "email_opt_in", "sms_opt_out", "email_opt_out"}:
        stored: dict[str, Any] = {
            "phone": ANN,
            "email": "a@example.org",
            "points": 50,
            "customer_type": "medical",
            "loyalty": True,
        }
        assert told[name] == stored.get(name, FULL[name]), name
    assert told["consent"] == {"sms": "opted_in", "email": "opted_in"}


def test_there_are_as_many_attributes_as_a_file_has(shop: Shop) -> None:
    """Beside them there are custom attributes, attribute:<name>, as many as a file has."""
    names = [f"Trait {number}" for number in range(5_000)]
    cells = [f"v{number}" if number % 3 else "" for number in range(5_000)]
    file = as_csv(["Phone", *names], ["4155552671", *cells], ["2125550187", *reversed(cells)])
    # Named by a person in other letters than the file's.
    told = shop.bring(file, map={name.upper().replace(" ", "-"): f"attribute:{name}" for name in names})
    assert told["rows"]["created"] == 2
    assert len(told["mapping"]) == 5_001
    wanted = {name: cell for name, cell in zip(names, cells, strict=True) if cell}
    assert shop.show(ANN)["attributes"] == wanted


def test_templates_carry_these_headers(shop: Shop, tmp_path: Path) -> None:
    """The templates (personas templates) carry the headers First Name, Last Name, Phone …
    Any custom attribute stands beside these under its own name.
    """
    (rule,) = (rule for rule in read_rules() if rule.startswith("The templates"))
    assert rule.partition("headers ")[2].replace(" and ", ", ").split(", ") == list(TEMPLATE_HEADERS)
    write_templates(tmp_path)
    told = shop.bring((tmp_path / "new-customers.csv").read_bytes())
    assert told["mapping"] == TEMPLATE_HEADERS
    beside = {"Veteran": "attribute:Veteran", "Shoe Size": "attribute:Shoe Size"}
    told = shop.bring((tmp_path / "customer-type-and-attributes.xlsx").read_bytes(), "customers.xlsx", map=beside)
    assert beside.items() <= told["mapping"].items()
    assert shop.show("maya.bennett@example.com")["attributes"] == {"Veteran": True, "Shoe Size": "8"}
