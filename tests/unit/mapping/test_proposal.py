"""Proposed mappings: names, values, doubts, choices between columns, and what a person says."""

from typing import Any

import pytest

from pipeline.mapping.proposal import explain, propose
from pipeline.mapping.reasons import list_reasons
from schemas.fields import TEMPLATE_HEADERS
from schemas.mapping import Mapping
from schemas.options import ImportOptions
from schemas.parts import ColumnProfile, FileProfile


def column(header: str, sampled: int = 100, filled: int | None = None, **counts: Any) -> ColumnProfile:
    return ColumnProfile(header, filled=sampled if filled is None else filled, sampled=sampled, **counts)


def propose_columns(
    *columns: ColumnProfile | str, region: str = "US", saved: Mapping | None = None, **options: Any
) -> Mapping:
    told = tuple(ColumnProfile(each) if isinstance(each, str) else each for each in columns)
    profile = FileProfile(tuple(each.header for each in told), 100, (100,), told)
    return propose(profile, region, ImportOptions(**options), saved)


def used(mapping: Mapping) -> dict[str, str]:
    return {header: field for header, field in mapping.fields.items() if field}


def test_the_template_is_mapped_whole() -> None:
    mapping = propose_columns(*TEMPLATE_HEADERS, "Veteran")
    assert used(mapping) == TEMPLATE_HEADERS
    assert mapping.offered == ("Veteran",)
    assert mapping.doubt is None
    assert mapping.date_orders == {"Birthday": "mdy", "Loyalty Signup Date": "mdy"}


@pytest.mark.parametrize(
    "header",
    [
        "Points Balance", "loyalty_points", "Total Points", "Loyalty Points", "Current Points", "Points Total",
        "Lifetime Points", "Reward Points", "Points Earned", "Points Redeemed", "Available Points",
        "Points (balance)", "Balance", "Store Credit", "Point Balance", "Points to date", "Rewards", "Stamps",
        "Unsubscribed", "Opted Out", "SMS Opt-out", "sms_opt_out", "Email Opt Out", "email_opt_out", "Opt Out",
        "Do Not Text", "Email Subscription Status", "SMS Status", "Status", "Subscription Status", "Marketing Status",
        "Opted out of email", "Unsubscribed from all email", "Opt-in Date", "SMS Opt-in Date", "Accepts Marketing",
        "Contact Permission", "Marketing", "Opt-in SMS (opted out)", "OPTIN_TIME", "Explicit Opt-out",
        "Email Opt-in Source", "HasOptedOutOfEmail",
    ],
)  # fmt: skip
def test_never_taken_for_points_or_permission(header: str) -> None:
    answers = propose_columns("Phone", "Email", column(header, yes_no=100, numbers=100))
    assert used(answers) == {"Phone": "phone", "Email": "email"}
    assert answers.doubt is None


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Points", "points"), ("points", "points"), ("Points Adjustment", "points"), ("Points to add", "points"),
        ("Opt-in SMS", "sms_opt_in"), ("SMS Opt In", "sms_opt_in"), ("Accepts SMS Marketing", "sms_opt_in"),
        ("Opted into SMS", "sms_opt_in"), ("Accepts text", "sms_opt_in"), ("sms_opt_in", "sms_opt_in"),
        ("Accepts Email Marketing", "email_opt_in"), ("Email Opt-in", "email_opt_in"),
        ("Explicit SMS Opt-out", "sms_opt_out"), ("EXPLICIT_SMS_OPT_OUT", "sms_opt_out"),
        ("Email Marketing Consent", "email_opt_in"), ("SMS Consent", "sms_opt_in"),
    ],
)  # fmt: skip
def test_points_and_permission_by_name(header: str, field: str) -> None:
    mapping = propose_columns("Phone", column(header, yes_no=95, numbers=95))
    assert mapping.fields[header] == field
    assert mapping.doubt is None


def test_permissions_of_softer_names_need_values() -> None:
    assert used(propose_columns("Phone", "SMS Consent", "Email Consent")) == {"Phone": "phone"}
    assert used(propose_columns("Phone", "SMS Opt-in")) == {"Phone": "phone", "SMS Opt-in": "sms_opt_in"}


@pytest.mark.parametrize("header", ["SMS Consent", "Accepts SMS", "Email Marketing Consent", "Email Opt-in Marketing"])
def test_a_permission_that_holds_no_answers_is_doubted(header: str) -> None:
    mapping = propose_columns("Phone", column(header, yes_no=10))
    if header == "Email Opt-in Marketing":
        assert mapping.doubt is None
        assert mapping.fields[header] is None
        return
    assert (mapping.doubt, mapping.doubtful) == ("doubtful_column", (header,))
    assert mapping.fields[header] is None
    assert header in explain(mapping)


def test_templates_own_headers_are_doubted_only_where_nothing_fits() -> None:
    few_wrong = column("Points", sampled=3, examples=("NaN", "1e5", "abc"))
    assert propose_columns("Phone", few_wrong).doubt is None
    words = column("Points", sampled=3, examples=("gold", "silver", "bronze"))
    assert propose_columns("Phone", words).doubtful == ("Points",)
    assert propose_columns("Phone", column("Points", sampled=30)).doubt == "doubtful_column"
    assert propose_columns("Phone", column("Opt-in SMS", sampled=5)).doubt is None
    assert propose_columns("Phone", column("Opt-in SMS", sampled=30)).doubtful == ("Opt-in SMS",)
    assert propose_columns("Phone", column("Opt-in SMS", sampled=5, phones=5, numbers=5)).doubtful == ("Opt-in SMS",)
    assert propose_columns("Phone", column("Points Adjustment", sampled=2)).doubtful == ("Points Adjustment",)


def test_points_beside_points_earned_and_redeemed_are_a_balance() -> None:
    mapping = propose_columns("Phone", "Points", "Points Earned", "Points Redeemed")
    assert mapping.doubtful == ("Points",)
    assert mapping.fields["Points"] is None
    assert propose_columns("Phone", "Points", "Points Balance", "Lifetime Points").fields["Points"] == "points"
    assert propose_columns("Phone", "points", "total_points_earned").doubtful == ("points",)


def test_points_in_an_export_are_a_balance_and_in_our_template_a_delta() -> None:
    assert propose_columns("Phone", "Points", "Last Visit", "Total Spent").doubtful == ("Points",)
    assert propose_columns("Phone", "Points", "Opt-in SMS", "Last Visit").fields["Points"] == "points"
    assert propose_columns("Phone", "Points to add", "Last Visit").fields["Points to add"] == "points"


@pytest.mark.parametrize("header", ["SMS", "Mobile", "sms", "MOBILE"])
def test_sms_and_mobile_with_numbers_are_a_phone(header: str) -> None:
    mapping = propose_columns(column(header, phones=99, numbers=99), "Email")
    assert used(mapping) == {header: "phone", "Email": "email"}


def test_sms_with_answers_is_doubted_not_used() -> None:
    mapping = propose_columns("Phone", column("SMS", yes_no=100, numbers=40))
    assert (mapping.doubt, mapping.doubtful) == ("doubtful_column", ("SMS",))
    assert used(mapping) == {"Phone": "phone"}
    beside = propose_columns("Phone", "Opt-in SMS", column("SMS", yes_no=100))
    assert beside.doubt is None


def test_subscribed_is_about_the_only_channel() -> None:
    assert propose_columns("phone_number", "subscribed").fields["subscribed"] == "sms_opt_in"
    assert propose_columns("email", column("subscribed", yes_no=100)).fields["subscribed"] == "email_opt_in"
    assert propose_columns("email", "phone", "subscribed").fields["subscribed"] is None
    assert propose_columns("phone", "Subscriber", "Subscribed").fields["Subscribed"] is None
    assert propose_columns("phone", column("subscribed", dates=100)).fields["subscribed"] is None


def test_columns_that_hold_something_else_are_not_keys() -> None:
    swapped = propose_columns(column("Phone", emails=100), column("Email", phones=100, numbers=100))
    assert used(swapped) == {}
    assert swapped.doubt == "no_key_column"
    assert swapped.doubtful == ("Phone", "Email")
    assert propose_columns("Phone", column("Email", yes_no=100)).fields["Email"] is None
    # All wrong is still what the header says: each cell then draws its notice.
    assert propose_columns(column("Phone")).fields["Phone"] == "phone"


def test_vague_names_are_keys_by_their_values() -> None:
    assert propose_columns(column("Contact", phones=90)).fields["Contact"] == "phone"
    assert propose_columns(column("Subscriber", emails=100)).fields["Subscriber"] == "email"
    both = propose_columns(column("Phone", phones=90), column("Contact", phones=90))
    assert used(both) == {"Phone": "phone"}
    assert propose_columns(column("Emergency Contact", phones=90)).doubt == "no_key_column"


def test_no_key_column() -> None:
    mapping = propose_columns("First Name", "Points")
    assert mapping.doubt == "no_key_column"
    assert explain(mapping) == (
        'No column is known as phone or e-mail; name one with --map. The columns are "First Name", "Points".'
    )
    found = propose_columns("First Name", column("Kontakt", phones=100))
    assert explain(found).endswith('By their values it could be "Kontakt".')
    assert propose_columns("First Name", "X", map={"X": "email"}).doubt is None


def test_one_field_takes_one_column() -> None:
    mapping = propose_columns("Home Phone", "Phone", "Mobile", "Work Phone")
    assert used(mapping) == {"Mobile": "phone"}
    assert mapping.offered == ()
    reasons = list_reasons(mapping)
    assert reasons["Mobile"] == "Read as phone."
    assert reasons["Phone"] == 'Could be phone too, but "Mobile" is used; choose this one with --map.'


def test_an_empty_column_gives_way_to_a_filled_one() -> None:
    assert used(propose_columns(column("Mobile", filled=0), column("Phone", filled=90))) == {"Phone": "phone"}
    assert used(propose_columns(column("Mobile", filled=30), column("Phone", filled=90))) == {"Mobile": "phone"}


def test_parts_of_one_address() -> None:
    outlook = propose_columns("Email", "Business Street", "Business City", "Home Street", "Home Postal Code")
    assert used(outlook) == {"Email": "email", "Home Street": "address", "Home Postal Code": "postal_code"}
    completed = propose_columns("Email", "Address", "Billing City")
    assert completed.fields["Billing City"] == "city"


def test_places_guessed_from_the_network_are_no_address() -> None:
    assert "state" not in used(propose_columns("Email", "LATITUDE", "GMTOFF", "REGION", "CC")).values()
    klaviyo = propose_columns("Email", "Address", "City", "Region", "Country", "Latitude", "Longitude")
    assert {"city", "state", "country"} <= set(used(klaviyo).values())


def test_values_against_harmless_names() -> None:
    assert propose_columns("Email", column("Country code", numbers=100)).fields["Country code"] is None
    assert propose_columns("Email", column("Country code")).fields["Country code"] == "country"
    assert propose_columns("Email", column("State", examples=("enabled", "Disabled"))).fields["State"] is None
    assert propose_columns("Email", column("State", examples=("CA", "NY"))).fields["State"] == "state"
    people = column("Customer Type", examples=("Person", "Company"))
    assert used(propose_columns("Email", people)) == {"Email": "email"}
    assert propose_columns("Email", column("Consumer Type", examples=("AdultUse", "Other"))).doubt is None
    assert propose_columns("Email", column("Loyalty", numbers=100)).fields["Loyalty"] is None
    assert propose_columns("Email", column("Loyalty", yes_no=100)).fields["Loyalty"] == "loyalty"
    assert propose_columns("Email", column("Member Since", dates=0)).fields["Member Since"] is None
    assert propose_columns("Email", column("Member Since", dates=90)).fields["Member Since"] == "loyalty_signup_date"


def test_brackets_explain_a_header() -> None:
    mapping = propose_columns(
        "Phone (with area code)", "Birthday (MM/DD/YYYY)", "Points (total)", "Opt-in SMS (status)"
    )
    assert used(mapping) == {"Phone (with area code)": "phone", "Birthday (MM/DD/YYYY)": "birthday"}
    answers = {"Opt-in SMS (Y/N)": "sms_opt_in", "Loyalty Member (true/false)": "loyalty"}
    assert used(propose_columns("Phone", *answers, "Birthday (month)")) == {"Phone": "phone", **answers}


def test_a_number_sign_is_a_number() -> None:
    assert used(propose_columns("Cell #", "Customer #", "#", "Points #")) == {
        "Cell #": "phone",
        "Customer #": "external_id",
    }


def test_offers() -> None:
    long = "x" * 65
    mapping = propose_columns(
        "Phone", "Shoe Size", "Password Hash", "Government ID", "Column 7", "IP Address", long, "***"
    )
    assert mapping.offered == ("Shoe Size",)
    assert set(mapping.fields) == {
        "Phone",
        "Shoe Size",
        "Password Hash",
        "Government ID",
        "Column 7",
        "IP Address",
        long,
        "***",
    }


@pytest.mark.parametrize(
    ("region", "counts", "asked", "expected"),
    [
        ("US", {}, None, "mdy"),
        ("GB", {}, None, "dmy"),
        ("CA", {}, None, "dmy"),
        ("JP", {}, None, "ymd"),
        ("HU", {}, None, "ymd"),
        ("US", {"date_cells": 9, "fits_mdy": 8, "fits_dmy": 9, "fits_ymd": 0}, None, "dmy"),
        ("GB", {"date_cells": 9, "fits_mdy": 9, "fits_dmy": 8, "fits_ymd": 0}, None, "mdy"),
        ("GB", {"date_cells": 9, "fits_mdy": 0, "fits_dmy": 0, "fits_ymd": 9}, None, "ymd"),
        ("US", {"date_cells": 9, "fits_mdy": 9, "fits_dmy": 9, "fits_ymd": 9}, None, "mdy"),
        ("GB", {"date_cells": 9, "fits_mdy": 9, "fits_dmy": 9, "fits_ymd": 2}, None, "dmy"),
        ("US", {"date_cells": 9, "fits_mdy": 8, "fits_dmy": 8, "fits_ymd": 0}, None, "mdy"),
        ("US", {"date_cells": 9, "fits_mdy": 9, "fits_dmy": 0, "fits_ymd": 0}, "ymd", "ymd"),
    ],
)
def test_date_orders(region: str, counts: dict[str, int], asked: str | None, expected: str) -> None:
    mapping = propose_columns("Email", column("Birthday", dates=9, **counts), region=region, date_order=asked)
    assert mapping.date_orders == {"Birthday": expected}


def test_reasons_say_why_grave_columns_are_left_alone() -> None:
    mapping = propose_columns("Phone", "Unsubscribed", "Points Balance", "Shoe", "IP", column("SMS", yes_no=100))
    reasons = list_reasons(mapping)
    assert set(reasons) == set(mapping.fields)
    assert "opt-out" in reasons["Unsubscribed"]
    assert "total" in reasons["Points Balance"]
    assert 'attribute:Shoe"' in reasons["Shoe"]
    assert reasons["IP"] == "Ignored: not a field of a persona."
    assert reasons["SMS"].startswith("In doubt")
    assert explain(mapping) == (
        'A column that looks like points or permission is in doubt; decide it with --map or --ignore. In doubt: "SMS".'
    )
    assert explain(propose_columns("Phone")) == ""
