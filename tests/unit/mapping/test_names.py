"""Headers compared, and the tables of names: nothing grave under a name that says otherwise."""

import pytest

from pipeline.mapping.names import header_key, known_names, permission_names
from pipeline.mapping.wording import read_wording, split_words
from schemas.fields import CONSENT_FIELDS, FIELDS, TEMPLATE_HEADERS


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("First Name", "firstname"),
        (" first_name\u00a0", "firstname"),
        ("FIRST-NAME", "firstname"),
        ("\uff26irst Name", "firstname"),
        ("Opt-in SMS", "optinsms"),
        ("Stra\u00dfe", "strasse"),
        ("Pr\u00e9nom", "pr\u00e9nom"),
        ("Pre\u0301nom", "pr\u00e9nom"),
        ("***", ""),
    ],
)
def test_header_keys(header: str, key: str) -> None:
    assert header_key(header) == key


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("E-mail 1 - Value", ["email", "1", "value"]),
        ("MobilePhone", ["mobile", "phone"]),
        ("mobilephonenumber", ["mobile", "phone", "number"]),
        ("customer_email", ["customer", "email"]),
        ("BillingAddress1", ["billing", "address", "1"]),
        ("PhoneType", ["phone", "type"]),
        ("phonetype", ["phonetype"]),
        ("", []),
    ],
)
def test_words(header: str, words: list[str]) -> None:
    assert split_words(header) == words


@pytest.mark.parametrize(
    "header",
    [
        "Phone Type", "Phone Country", "Phone Country Code", "Phone Verified", "Phone 2", "Phone Extension",
        "Fax Number", "Emergency Contact Phone", "Emergency Phone", "Spouse Mobile", "Store Phone",
        "Assistant's Phone", "Parent Email", "Company Email", "Manager Email", "Referrer Email", "Store Email",
        "Email Type", "Email Status", "Email 2", "Last Email Sent", "PayPal Email", "Email Opt Out",
        "Secondary Email", "Alternate Phone", "Account Phone", "User Name", "Username", "Business Name",
        "Account Name", "Company Name", "Store Name", "Product Name", "IP Address", "Store City", "Address Count",
        "Address ID", "Other Street", "Store State", "Customer State", "Member State", "Event Date", "Phone Opt In",
        "Mobile App User", "Number", "Points", "Total Points", "SMS Consent", "Is Mobile",
    ],
)  # fmt: skip
def test_headers_of_several_words_that_are_no_key_and_no_name(header: str) -> None:
    assert read_wording(header) is None


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Customer Email", "email"), ("user.Email", "email"), ("E-Mail-Address", "email"), ("Billing Email", "email"),
        ("Primary Phone", "phone"), ("Phone - mobile", "phone"), ("Cell #", "phone"), ("Tel. No.", "phone"),
        ("Mobile No", "phone"), ("SMS Number", "phone"), ("Customer Name", "full_name"),
        ("Billing First Name", "first_name"), ("City - Home", "city"), ("Zip/Postal Code - Home", "postal_code"),
        ("Default Address Address1", "address"), ("Address 1 - City", "city"), ("Address City - 1", "city"),
        ("Address Line 2 - 1", "address2"), ("MailingState", "state"), ("Default Address Province Code", "state"),
        ("Home Country/Region", "country"), ("user.DateOfBirth", "birthday"), ("Member DOB", "birthday"),
    ],
)  # fmt: skip
def test_headers_of_several_words(header: str, field: str) -> None:
    found = read_wording(header)
    assert found is not None
    assert found.field == field


def test_preferences_among_phones() -> None:
    preferred = ["Mobile", "Phone", "Primary Phone", "Home Phone", "Billing Phone", "Work Phone"]
    ranks = [wording.rank for header in preferred if (wording := read_wording(header))]
    assert ranks == sorted(set(ranks))
    assert len(ranks) == len(preferred)


def test_tables_are_folded_and_name_only_fields() -> None:
    for names in (known_names(), permission_names()):
        for key in names:
            assert header_key(key) == key
    assert {field for field, _ in known_names().values()} <= set(FIELDS)
    assert {field for field, _ in permission_names().values()} == {"sms_opt_in", "email_opt_in"}
    assert not set(known_names()) & set(permission_names())
    # A name of two known words run together would be two names that lost the space between them.
    assert max(map(len, known_names())) < 30


def test_templates_are_known_as_printed() -> None:
    for header, field in TEMPLATE_HEADERS.items():
        assert known_names()[header_key(header)] == (field, 0)


def test_no_total_and_no_opt_out_is_among_the_names() -> None:
    grave = [key for key, (field, _) in known_names().items() if field in {"points", *CONSENT_FIELDS}]
    grave += list(permission_names())
    for key in grave:
        words = ("balance", "total", "unsub", "optout", "optedout", "status", "lifetime", "stop", "donot", "date")
        assert key == "explicitsmsoptout" or not any(word in key for word in words), key
    assert "smsoptout" not in known_names()
    assert "emailoptout" not in known_names()
