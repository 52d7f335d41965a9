"""The oracle as a whole: merge and forget, comparing, row-order equivalence, scenarios."""

import pytest

from tests.factories import ImportStep, make_scenario, make_table, play_step
from tests.factories.rows import Knobs
from tests.factories.worlds import OTHER_PHONE as P2
from tests.factories.worlds import PHONE as P1
from tests.factories.worlds import load, new_world, person
from tests.oracle import apply_import, compare, unique_headers

A, B, C = "a@example.com", "b@example.com", "c@example.com"


# --- merge, archive, forget


def test_merge_fills_blanks_moves_the_ledger_and_unmerge_gives_back() -> None:
    world = new_world()
    ann = person(world, phone=P1, city="Ely", points=10)
    bob = person(world, email=B, city="Reno", state="NV", points=5, favorite_store="Bay")
    world.shopper_stop(bob, "sms")
    before = world.export()
    world.merge(ann, bob)
    assert (ann.profile, world.balance(ann), world.balance(bob)) == ({"city": "Ely", "state": "NV"}, 15, 0)
    assert (ann.consent["sms"], ann.opted_out_themself, bob.status) == ("opted_out", {"sms"}, "merged")
    world.unmerge(bob)
    assert compare(before, world.export()) == []
    assert ann.opted_out_themself == set()


def test_an_opt_out_told_while_merged_outlives_the_unmerge_on_both() -> None:
    world = new_world()
    ann, bob = person(world, phone=P1), person(world, phone=P2)
    world.merge(ann, bob)
    load(world, {"phone": P2, "sms_opt_out": "yes"})
    world.unmerge(bob)
    assert (ann.consent["sms"], bob.consent["sms"]) == ("opted_out", "opted_out")


def test_forget_takes_the_merged_records_of_the_shopper_too() -> None:
    world = new_world()
    ann, bob = person(world, phone=P1, points=5), person(world, email=B)
    world.merge(ann, bob)
    world.forget(bob)
    assert (world.personas, world.ledger, world.blocklist) == ({}, [], {P1, B})


# --- the whole


def test_duplicate_and_blank_headers_are_made_unique() -> None:
    assert unique_headers(["Phone", " Phone ", "", "Phone (2)"]) == ["Phone", "Phone (2)", "Column 3", "Phone (2) (2)"]


def test_compare_names_what_differs() -> None:
    one, other = new_world(), new_world()
    person(one, phone=P1, city="Ely")
    person(other, phone=P1, city="Reno")
    person(other, phone=P2)
    assert len(compare(one.export(), other.export())) == 2
    assert "city is 'Ely' in the first, 'Reno' in the second" in compare(one.export(), other.export())[1]


@pytest.mark.parametrize("seed", range(5))
def test_a_file_without_opt_outs_is_its_rows_one_at_a_time(seed: int) -> None:
    table = make_table(seed, Knobs(rows=120, shoppers=15))
    mapping = {h: None if (f or "").endswith("opt_out") else f for h, f in table.mapping.items()}
    whole, single = new_world(), new_world()
    options = {"date_order": "mdy", "replace_identifiers": bool(seed % 2), "opt_in": ["sms"]}
    result = apply_import(whole, table.headers, table.rows, mapping, options, import_id=1)
    notices = set()
    for line, row in enumerate(table.rows, start=2):
        for entry in single.ledger:
            entry.import_id = None
        notices |= apply_import(single, table.headers, [row], mapping, options, 1, first_line=line).notice_set
    for entry in single.ledger:
        entry.import_id = 1
    assert compare(whole.export(), single.export()) == []
    assert result.notice_set == notices


def test_scenarios_repeat_themselves_and_hold_the_equations() -> None:
    ends = []
    for _ in range(2):
        world = new_world()
        for number, step in enumerate(make_scenario(11), start=1):
            result = play_step(world, step, number)
            assert (result is not None) == isinstance(step, ImportStep)
        ends.append(world.export())
    assert compare(*ends) == []
    assert len(ends[0]) > 20
