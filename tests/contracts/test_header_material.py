"""Auto-mapping against header rows of real platforms: nothing wrong for points, permission, phone or e-mail."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipeline.files.profile import Profiler
from pipeline.mapping.proposal import propose
from schemas.fields import CONSENT_FIELDS, FIELDS
from schemas.mapping import Mapping
from schemas.options import ImportOptions
from schemas.parts import FileProfile

MATERIAL = Path(__file__).parents[2].parent / "shared" / "material" / "headers.json"
if not MATERIAL.exists():
    pytest.skip("the material is not beside this checkout", allow_module_level=True)
PLATFORMS: list[dict[str, Any]] = json.loads(MATERIAL.read_text(encoding="utf-8"))
#: The material's own words for what we call otherwise, or don't map unasked.
OURS: dict[str, str | None] = {
    "sms_opt_out_explicit": "sms_opt_out",
    "loyalty_opt_in": "loyalty",
    "custom_attribute": None,
    "notes_or_tags": None,
    "ignore": None,
}
GRAVE = {"points", "phone", "email", *CONSENT_FIELDS}


def propose_for(platform: dict[str, Any]) -> Mapping:
    """The mapping of a file with these headers and the sample rows, where there are some."""
    headers, rows = platform["headers"], platform["sample_rows"]
    profiler = Profiler(headers)
    if rows:
        filled = [[row[i] if i < len(row) else "" for row in rows] for i in range(len(headers))]
        cells = {f"c{i}": pa.array([cell or None for cell in column], pa.string()) for i, column in enumerate(filled)}
        profiler.watch(pa.table(cells))
    profile = FileProfile(tuple(headers), len(rows), (len(rows),), profiler.columns())
    return propose(profile, "US", ImportOptions())


def expected_field(platform: dict[str, Any], header: str) -> str | None:
    """What the material expects, in our words; a balance is never points."""
    if header in platform["caution"].get("balance_columns", []):
        return None
    name = platform["expected"][header]
    return OURS.get(name, name)


def test_the_table_of_words_is_complete() -> None:
    for platform in PLATFORMS:
        assert set(platform["expected"].values()) <= set(FIELDS) | set(OURS)


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform["platform"])
def test_every_header_is_read_as_expected(platform: dict[str, Any]) -> None:
    mapping = propose_for(platform)
    found = dict(mapping.fields)
    assert found == {header: expected_field(platform, header) for header in platform["headers"]}
    assert list(found) == platform["headers"]


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform["platform"])
def test_nothing_harmful_whatever_the_values_are_like(platform: dict[str, Any]) -> None:
    """The same headers without any sample: no header is taken for points, permission, phone or e-mail by mistake."""
    for header, field in propose_for({**platform, "sample_rows": []}).fields.items():
        if field in GRAVE:
            assert field == expected_field(platform, header)


NOT_MAPPED_TO: dict[str, frozenset[str]] = {
    "balance_columns": frozenset({"points"}),
    "not_points": frozenset({"points"}),
    "not_a_marketing_opt_in": CONSENT_FIELDS,
    "not_consent": CONSENT_FIELDS,
    "labels_not_consent": CONSENT_FIELDS,
    "enabled_is_not_consent": CONSENT_FIELDS,
    "status_blocklisted_means_never_mail": CONSENT_FIELDS,
    "consent_without_channel": CONSENT_FIELDS,
    "second_names": frozenset({"first_name", "last_name"}),
    "geo_ip_not_address": frozenset({"state", "country", "city"}),
    "email_list_date_not_loyalty_signup": frozenset({"loyalty_signup_date"}),
    "event_is_not_birthday": frozenset({"birthday"}),
    "calling_code_not_country": frozenset({"country"}),
    "identifier_is_of_the_award_not_the_customer": frozenset({"external_id"}),
}


def test_every_caution_about_columns_is_heeded() -> None:
    heeded = 0
    for platform in PLATFORMS:
        mapping = propose_for(platform)
        for caution, headers in platform["caution"].items():
            for header in headers if caution in NOT_MAPPED_TO else ():
                assert mapping.fields[header] not in NOT_MAPPED_TO[caution], (platform["platform"], header)
                heeded += 1
        for header in platform["caution"].get("sensitive", []):
            assert mapping.fields[header] is None
            assert header not in mapping.offered
        for header in platform["caution"].get("delta_columns", []):
            assert mapping.fields[header] == "points"
    assert heeded > 25
