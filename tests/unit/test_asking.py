"""Statements as SQLAlchemy takes them become statements as the driver takes them."""

import re
from pathlib import Path

import pytest
from sqlalchemy import text

from pipeline.asking import translate
from pipeline.sql import _sections

_FOLDER = Path(__file__).parents[2] / "pipeline" / "sql"
SUBJECTS = sorted(path.stem for path in _FOLDER.glob("*.sql"))


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("SELECT :one, :two, :one", "SELECT %(one)s, %(two)s, %(one)s"),
        ("SELECT sum(rows)::bigint", "SELECT sum(rows)::bigint"),
        ("SELECT :one::bigint[], (:two)::text", "SELECT %(one)s::bigint[], (%(two)s)::text"),
        ("SELECT CAST(:ids AS bigint[])", "SELECT CAST(%(ids)s AS bigint[])"),
        ("SELECT '12:30', 'it''s :no name', :one", "SELECT '12:30', 'it''s :no name', %(one)s"),
        ('SELECT "a:b" FROM t WHERE c = :one', 'SELECT "a:b" FROM t WHERE c = %(one)s'),
        ("SELECT a[1:2], a[n:m]", "SELECT a[1:2], a[n:m]"),
        ("SELECT name LIKE 'a%' AND id % :one = 0", "SELECT name LIKE 'a%%' AND id %% %(one)s = 0"),
        (
            "-- A row's :parts, 9 %\nSELECT :one -- 'and' :so on\n",
            "-- A row's :parts, 9 %%\nSELECT %(one)s -- 'and' :so on\n",
        ),
    ],
)
def test_parameters_alone_are_rewritten(written: str, asked: str) -> None:
    assert translate(written) == asked


@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_driver_finds_the_parameters_that_sqlalchemy_finds(subject: str) -> None:
    for name, body in _sections(subject).items():
        assert set(re.findall(r"%\((\w+)\)s", translate(body))) == set(text(body).compile().params), name
