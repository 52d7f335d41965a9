"""Points, yes and no, customer types, attributes, wishes: tables of what is accepted and what is not."""

import json

import numpy as np
import pyarrow as pa
import pytest

from pipeline.rows.attributes import attribute_key, join_attributes
from pipeline.rows.customer_types import read_customer_types
from pipeline.rows.points import read_points
from pipeline.rows.wishes import Answers, read_wishes
from pipeline.rows.yes_no import read_yes_no

POINTS = {
    "50": 50, "+50": 50, "-50": -50, "\u221250": -50, "(50)": -50, "(1,000)": -1000, "1,000": 1000,
    "-1,234,567": -1_234_567, "50.0": 50, "50.00": 50, "(50.00)": -50, "1,000.00": 1000, "0": 0, "-0": 0,
    "000000007": 7, "999999999": 999_999_999, "-999999999": -999_999_999, "100,000,000": 100_000_000,
}  # fmt: skip
NO_POINTS = [
    "NaN", "inf", "1e5", "1_000", "5.5", "50-", "(-50)", "(+50)", "-(50)", "\u0661\u0662\u0663", "\uff15\uff15",
    "abc", "$50", "50 pts", "1,00", "10,00", "1,0000", ",100", "1.000,5", "1.000", "50.", ".0", "50.000", "50.01",
    "1000000000", "2147483648", "1,000,000,000", "--5", "+-5", "- 5", "( 5 )", "()", "(", "+", "1 000", "0x1F",
    "1e309", "9" * 5000, "Infinity", "5\u2212",
]  # fmt: skip


@pytest.mark.parametrize(("text", "delta"), POINTS.items())
def test_points(text: str, delta: int) -> None:
    column = read_points(pa.array([text, None]))
    assert column.values.to_pylist() == [delta, None]
    assert column.values.type == pa.int32()
    assert column.codes.null_count == 2


@pytest.mark.parametrize("text", NO_POINTS)
def test_no_points(text: str) -> None:
    column = read_points(pa.array([text, "7"]))
    assert column.values.to_pylist() == [None, 7]
    assert column.codes.to_pylist() == ["points_invalid", None]


@pytest.mark.parametrize("word", ["true", "yes", "y", "t", "1", "x", "on"])
def test_yes(word: str) -> None:
    column = read_yes_no(pa.array([word, word.upper(), word.capitalize()]))
    assert column.values.to_pylist() == [True] * 3
    assert column.codes.null_count == 3


@pytest.mark.parametrize("word", ["false", "no", "n", "f", "0", "off"])
def test_no(word: str) -> None:
    assert read_yes_no(pa.array([word, word.upper(), None])).values.to_pylist() == [False, False, None]


@pytest.mark.parametrize(
    "word", ["ja", "oui", "s\u00ed", "1.0", "2", "-1", "maybe", "subscribed", "yes please", "\uff59", "ye\u017f"]
)
def test_neither_yes_nor_no(word: str) -> None:
    column = read_yes_no(pa.array([word]))
    assert column.values.to_pylist() == [None]
    assert column.codes.to_pylist() == ["not_yes_or_no"]


def test_customer_types() -> None:
    medical = ["medical", "MED", "Medical"]
    recreational = ["recreational", "Rec", "Adult Use", "adult-use", "AdultUse"]
    unknown = ["Regular", "VIP", "adult  use", "medicinal"]
    column = read_customer_types(pa.array([*medical, *recreational, *unknown, None]))
    assert column.values.to_pylist() == ["medical"] * 3 + ["recreational"] * 5 + [None] * 5
    assert column.codes.to_pylist() == [None] * 8 + ["customer_type_unknown"] * 4 + [None]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Veteran", "veteran"),
        ("Shoe Size", "shoesize"),
        ("shoe_size ", "shoesize"),
        ("\uff33\uff28\uff2f\uff25-Size", "shoesize"),
        ("Stra\u00dfe", "strasse"),
        ("\u2605", "\u2605"),
        (" ?! ", "?!"),
        ("\ufb01t", "fit"),
        ("points; drop table", "pointsdroptable"),
    ],
)
def test_attribute_keys(name: str, key: str) -> None:
    assert attribute_key(name) == key


def test_attributes_are_json_objects() -> None:
    veteran = pa.array(["TRUE", "no", "Yes", "1", None, "f", "N"], pa.string())
    shoe = pa.array(['9"', "a\\b", None, "x", None, "\u00e9\U0001f600", "false"], pa.string())
    objects = join_attributes([("veteran", veteran), ('shoe"', shoe)]).to_pylist()
    assert [text and json.loads(text) for text in objects] == [
        {"veteran": True, 'shoe"': '9"'},
        {'shoe"': "a\\b"},
        {"veteran": True},
        {"veteran": "1", 'shoe"': "x"},
        None,
        {"veteran": "f", 'shoe"': "\u00e9\U0001f600"},
        None,
    ]


def _answers(yes_no: list[bool | None], text: list[str | None]) -> Answers:
    said = np.array([word is not None for word in text])
    return Answers(pa.array(yes_no, pa.bool_()), pa.array(text, pa.string()), said)


def test_wishes_of_a_channel() -> None:
    opt_in = _answers([True, True, False, None, None, True], ["Yes", "y", "no", "maybe", None, "x"])
    opt_out = _answers([None, True, None, None, None, False], [None, "TRUE", None, None, None, "off"])
    wishes, texts = read_wishes(6, opt_in, opt_out, by_default=False)
    assert wishes.to_pylist() == ["i", "o", None, None, None, "i"]
    assert texts.to_pylist() == ["Yes", "TRUE", None, None, None, "x"]


def test_the_option_speaks_for_rows_that_say_nothing_at_all() -> None:
    opt_in = _answers([True, False, None, None, None], ["Yes", "no", "maybe", None, None])
    opt_out = _answers([None, None, None, False, None], [None, None, None, "no", None])
    wishes, texts = read_wishes(5, opt_in, opt_out, by_default=True)
    assert wishes.to_pylist() == ["i", None, None, None, "d"]
    assert texts.to_pylist() == ["Yes", None, None, None, None]
    assert read_wishes(2, None, None, by_default=True)[0].to_pylist() == ["d", "d"]
