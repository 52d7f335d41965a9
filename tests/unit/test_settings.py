"""Settings: where they come from, what wrong ones say, which secrets are made and kept."""

import multiprocessing
import stat
from pathlib import Path

import pytest

from infra.secretfiles import kept_secret
from infra.settings import AWS_VARIABLES, SettingsInvalid, list_settings, load_settings, unknown_variables

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for line in list_settings():
        monkeypatch.delenv(line.variable, raising=False)
        monkeypatch.delenv(f"{line.variable}_FILE", raising=False)
    monkeypatch.chdir(tmp_path)


def test_nothing_needs_to_be_set(tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.home == tmp_path / ".personas"
    assert (settings.database_url, settings.broker_url, settings.s3_endpoint_url) == (None, None, None)
    assert (settings.s3_bucket, settings.workers) == ("personas", 2)
    assert not settings.home.exists()


def test_variables_win_over_defaults_and_empty_ones_count_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONAS_WORKERS", "5")
    monkeypatch.setenv("PERSONAS_HOME", "some/../where")
    monkeypatch.setenv("PERSONAS_S3_BUCKET", "")
    settings = load_settings()
    assert settings.workers == 5
    assert settings.home == Path.cwd() / "where"
    assert settings.s3_bucket == "personas"


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://u:p@db/x\n")
    monkeypatch.setenv("PERSONAS_DATABASE_URL_FILE", str(tmp_path / "url"))
    assert load_settings().database_url == "postgresql://u:p@db/x"
    monkeypatch.setenv("PERSONAS_DATABASE_URL", "postgresql://direct")
    assert load_settings().database_url == "postgresql://direct"


def test_a_missing_secret_file_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONAS_BLOCKLIST_KEY_FILE", "/nowhere/at/all")
    with pytest.raises(SettingsInvalid, match="PERSONAS_BLOCKLIST_KEY_FILE"):
        load_settings()


def test_a_wrong_value_is_named_but_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONAS_WORKERS", "hunter2")
    with pytest.raises(SettingsInvalid, match="PERSONAS_WORKERS") as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "BROKER_URL", "FLOWER_PASSWORD", "BLOCKLIST_KEY", "EVENT_TOKEN", "TEXT_TOKEN"):
        monkeypatch.setenv(f"PERSONAS_{name}", "hunter2")
    assert "hunter2" not in repr(load_settings())


def test_what_is_not_set_is_made_once_and_kept_private() -> None:
    settings = load_settings()
    first = (settings.flower_secret(), settings.blocklist_secret(), settings.event_secrets(), settings.text_secrets())
    again = load_settings()
    assert (again.flower_secret(), again.blocklist_secret(), again.event_secrets(), again.text_secrets()) == first
    kept = sorted(path for path in (settings.home / "secrets").iterdir())
    assert [path.name for path in kept] == ["blocklist_key", "event_token", "flower_password", "text_token"]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in kept)


def test_two_event_tokens_at_a_rotation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONAS_EVENT_TOKEN", "new")
    monkeypatch.setenv("PERSONAS_EVENT_TOKEN_PREVIOUS", "old")
    assert load_settings().event_secrets() == ("new", "old")
    monkeypatch.setenv("PERSONAS_TEXT_TOKEN", "newer")
    assert load_settings().text_secrets() == ("newer",)


def test_processes_that_race_for_a_secret_get_the_same_one(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        secrets = pool.starmap(kept_secret, [(tmp_path, "key")] * 12)
    assert len(set(secrets)) == 1
    assert len(secrets[0]) >= 40
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["key"]


def test_the_region_falls_back_to_the_aws_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    assert load_settings().region() == "us-east-1"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert load_settings().region() == "eu-west-1"
    monkeypatch.setenv("PERSONAS_S3_REGION", "ap-south-1")
    assert load_settings().region() == "ap-south-1"


def test_slips_of_the_pen_are_found() -> None:
    environment = {"PERSONAS_BROKER_ULR": "x", "PERSONAS_BROKER_URL_FILE": "x", "PERSONAS_HOME": "x", "PATH": "x"}
    assert unknown_variables(environment) == ("PERSONAS_BROKER_ULR",)


def test_every_setting_is_explained_and_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text()
    lines = list_settings()
    assert all(line.meaning for line in lines)
    assert [line.variable for line in lines if f"#{line.variable}=" not in example] == []
    assert [name for name in AWS_VARIABLES if f"#{name}=" not in example] == []
    assert "#PERSONAS_WORKERS=2\n" in example
