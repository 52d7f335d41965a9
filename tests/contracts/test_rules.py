"""Every sentence of the rules has a test that begins with its words, and no test names a rule that is not there."""

from pathlib import Path

import pytest

from tests.rules.book import MORE, names, read_rules, read_tests

FOLDER = Path(__file__).parents[1] / "rules"
RULES = read_rules()
TESTS = list(read_tests(FOLDER))
_LEAST = 12  # characters of a beginning: less would fit anything


def test_a_rule_stands_only_once() -> None:
    assert len(set(RULES)) == len(RULES) > 150


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_test(rule: str) -> None:
    assert any(names(line, rule) for _, line in TESTS), f"no test in tests/rules begins its docstring with: {rule}"


@pytest.mark.parametrize(("test", "line"), TESTS, ids=[test for test, _ in TESTS])
def test_every_test_names_one_rule_of_the_page(test: str, line: str) -> None:
    fitting = [rule for rule in RULES if names(line, rule)]
    assert len(fitting) == 1, f"{test}: {line!r} fits {len(fitting)} rules of docs/rules.md"
    assert len(line.removesuffix(MORE)) >= min(_LEAST, len(fitting[0]))


def test_a_rule_without_a_test_is_found(tmp_path: Path) -> None:
    page = tmp_path / "rules.md"
    page.write_text(
        "# Page\n\nPreamble.\n\n## Rules\n\n- **One** rule. Another\n  rule.\n\n| a | b |\n|---|---|\n| `c` | d |\n"
    )
    assert read_rules(page) == ["One rule", "Another rule", "c: d"]
    assert names("Another …", "Another rule")
    assert not names("One", "One rule")
    (tmp_path / "test_some.py").write_text(
        'def test_it() -> None:\n    """One rule.\n    Another …\n\n    Why.\n    """\n'
    )
    assert [line for _, line in read_tests(tmp_path)] == ["One rule", "Another …"]
