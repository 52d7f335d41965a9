"""What a person says about columns: mapped, ignored, saved; and what can't be done as asked."""

from typing import Any

import pytest

from pipeline.mapping.proposal import propose
from pipeline.mapping.reasons import list_reasons
from schemas.errors import WrongCommand
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


def test_a_persons_map_ends_the_doubt() -> None:
    doubtful = column("SMS Consent", yes_no=0)
    mapped = propose_columns("Phone", doubtful, map={"sms-consent": "sms_opt_in"})
    assert mapped.doubt is None
    assert mapped.fields["SMS Consent"] == "sms_opt_in"
    assert propose_columns("Phone", doubtful, ignore=["SMS CONSENT"]).doubt is None
    elsewhere = propose_columns("Phone", doubtful, "Texts ok?", map={"Texts ok?": "sms_opt_in"})
    assert elsewhere.doubt is None
    assert elsewhere.fields["SMS Consent"] is None


def test_map_and_ignore() -> None:
    mapping = propose_columns("Phone", "Email", "Shoe", map={"SHOE ": "attribute: Shoe Size "}, ignore=["e-mail"])
    assert mapping.fields == {"Phone": "phone", "Email": None, "Shoe": "attribute:Shoe Size"}
    assert list_reasons(mapping)["Shoe"] == "Kept as the custom attribute Shoe Size."
    taken = propose_columns("Phone", "Mobile", "Other", map={"Other": "phone"})
    assert used(taken) == {"Other": "phone"}
    dated = propose_columns("Phone", "Joined on", map={"Joined on": "loyalty_signup_date"}, region="GB")
    assert dated.date_orders == {"Joined on": "dmy"}
    assert propose_columns("Phone", "***", map={"***": "attribute:stars"}).fields["***"] == "attribute:stars"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"map": {"Nope": "phone"}}, 'There is no column "Nope"'),
        ({"ignore": ["Nope"]}, 'There is no column "Nope"'),
        ({"map": {"A": "shoe"}}, 'There is no field "shoe"'),
        ({"map": {"A": "Phone"}}, 'There is no field "Phone"'),
        ({"map": {"A": "phone", "B": "phone"}}, "can't both be mapped to phone"),
        ({"map": {"A": "attribute:Shoe Size", "B": "attribute:shoe_size"}}, "can't both be mapped"),
        ({"map": {"A": "attribute:"}}, "needs a name"),
        ({"map": {"A": "attribute:" + "x" * 65}}, "longer than 64"),
        ({"map": {"A": "phone"}, "ignore": ["a"]}, "both mapped and ignored"),
        ({"map": {"A": "phone", "a": "email"}}, "mapped twice"),
        ({"map": {"a b": "phone"}}, "several columns"),
    ],
)
def test_wrong_commands(options: dict[str, Any], words: str) -> None:
    with pytest.raises(WrongCommand, match=words.replace("(", r"\(")):
        propose_columns("A", "B", "A B", "A-B", "Phone", **options)


def test_a_name_of_64_characters_is_accepted() -> None:
    assert propose_columns("Phone", "A", map={"A": "attribute:" + "x" * 64}).doubt is None


def test_a_saved_mapping_is_used_again() -> None:
    saved = Mapping({"Phone": None, "Kontakt": "phone", "Junk": "attribute:Junk", "Born": "birthday"}, {"Born": "dmy"})
    again = propose_columns("kontakt", "PHONE", "Junk", "Born", "Email", saved=saved)
    assert used(again) == {"kontakt": "phone", "Junk": "attribute:Junk", "Born": "birthday", "Email": "email"}
    overruled = propose_columns("Kontakt", "Phone", "Junk", saved=saved, map={"Phone": "phone"})
    assert overruled.fields == {"Kontakt": None, "Phone": "phone", "Junk": "attribute:Junk"}
    remembered = propose_columns("Kontakt", "Born", saved=saved)
    assert remembered.date_orders == {"Born": "dmy"}
    one_fits = column("Born", dates=5, date_cells=5, fits_mdy=5, fits_dmy=1)
    assert propose_columns("Kontakt", one_fits, saved=saved).date_orders == {"Born": "mdy"}


def test_a_saved_mapping_ends_doubts_but_not_its_own() -> None:
    doubtful = column("SMS Consent", yes_no=0)
    decided = Mapping({"Phone": "phone", "SMS Consent": "sms_opt_in"})
    assert propose_columns("Phone", doubtful, saved=decided).doubt is None
    undecided = Mapping({"Phone": "phone", "SMS Consent": None}, {}, (), "doubtful_column", ("SMS Consent",))
    assert propose_columns("Phone", doubtful, saved=undecided).doubt == "doubtful_column"


def test_duplicate_headers_made_unique() -> None:
    assert used(propose_columns("Phone", "Phone (2)", "Email")) == {"Phone": "phone", "Email": "email"}
    chosen = propose_columns("Phone", "Phone (2)", map={"Phone (2)": "phone"})
    assert used(chosen) == {"Phone (2)": "phone"}
