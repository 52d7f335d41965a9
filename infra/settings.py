"""Every setting: its environment variable, default and meaning. Nothing else of ours reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from infra.secretfiles import kept_secret
from schemas.errors import PersonaImportError

PREFIX = "PERSONAS_"
AWS_ENDPOINT = "aws"

# Read by the AWS library itself, and only where the object store is set from outside.
AWS_VARIABLES = {
    "AWS_ACCESS_KEY_ID": "Access key for the object store.",
    "AWS_SECRET_ACCESS_KEY": "Secret key for the object store.",
    "AWS_SESSION_TOKEN": "Session token, for short-lived credentials.",
    "AWS_REGION": "Region, where PERSONAS_S3_REGION is not set.",
    "AWS_DEFAULT_REGION": "The same, older name.",
    "AWS_PROFILE": "Profile of the AWS configuration files to use.",
}


class SettingsInvalid(PersonaImportError):
    """A setting has a value that can't be used; the message names the variable, never the value."""


class Settings(BaseSettings):
    """The settings of one process, read from PERSONAS_* variables. Secrets may come from PERSONAS_*_FILE instead."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    home: Path = Field(Path(".personas"), description="Folder for embedded data, logs and generated secrets.")
    database_url: str | None = Field(
        None, repr=False, description="PostgreSQL 16 or later. Not set: the embedded PostgreSQL."
    )
    broker_url: str | None = Field(None, repr=False, description="Valkey or Redis. Not set: the embedded Valkey.")
    s3_endpoint_url: str | None = Field(
        None, description="S3-compatible store; `aws` for AWS itself. Not set: the embedded SeaweedFS."
    )
    s3_bucket: str = Field("personas", min_length=3, description="Bucket for uploads and part files.")
    s3_region: str | None = Field(None, description="Region of the bucket. Not set: the AWS variables, else us-east-1.")
    console_host: str = Field("127.0.0.1", description="Address that the console listens on.")
    console_port: int = Field(8000, ge=0, le=65535, description="Port of the console; 0 takes any free one.")
    flower_port: int = Field(5555, ge=0, le=65535, description="Port of Flower (loopback only); 0 takes any free one.")
    flower_password: SecretStr | None = Field(
        None, description="Password for Flower, user `personas`. Not set: made once and kept in the home folder."
    )
    blocklist_key: SecretStr | None = Field(
        None,
        description="Key of the blocklist's hashes; every machine on one database needs the same, for ever."
        " Not set: made once and kept in the home folder.",
    )
    event_token: SecretStr | None = Field(
        None,
        description="Bearer token that bucket events must bring. Not set: made once and kept in the home folder.",
    )
    event_token_previous: SecretStr | None = Field(
        None, description="A second token that is accepted too, for the time of a rotation."
    )
    text_token: SecretStr | None = Field(
        None,
        description="Token that the gateway of texts must bring. Not set: made once and kept in the home folder.",
    )
    text_token_previous: SecretStr | None = Field(None, description="A second such token, for the time of a rotation.")
    events_queue_url: str | None = Field(
        None, description="SQS queue that S3 tells of new objects; read with the AWS variables. Not set: none."
    )
    bucket_sweep_seconds: float = Field(
        15.0, gt=0, description="Seconds between two looks for files in the bucket that no event told of."
    )
    workers: int = Field(2, ge=1, le=64, description="Worker processes of `personas up`; one more takes small files.")

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return Path(os.path.abspath(value.expanduser()))  # noqa: PTH100 - `..` goes, symbolic links stay as named

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the variables, then the files that variables name."""
        return init_settings, env_settings, _FileSource(settings_cls)

    def region(self) -> str:
        """The region to sign for; stores that are not AWS accept any."""
        named = self.s3_region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        return named or "us-east-1"

    def flower_secret(self) -> str:
        """Flower's password: the one set, else the one kept in the home folder."""
        return _secret_or_kept(self.flower_password, self.home, "flower_password")

    def blocklist_secret(self) -> bytes:
        """The key of the blocklist's hashes."""
        return _secret_or_kept(self.blocklist_key, self.home, "blocklist_key").encode()

    def event_secrets(self) -> tuple[str, ...]:
        """The bearer tokens that events may bring; the first is the one that we hand out."""
        return _with_previous(_secret_or_kept(self.event_token, self.home, "event_token"), self.event_token_previous)

    def text_secrets(self) -> tuple[str, ...]:
        """The tokens that the gateway of texts may bring."""
        return _with_previous(_secret_or_kept(self.text_token, self.home, "text_token"), self.text_token_previous)


class _FileSource(EnvSettingsSource):
    """Reads PERSONAS_X_FILE for every setting that may hold a secret."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        path = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE") if field_name in SECRET_SETTINGS else None
        if not path:
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").strip() or None, field_name, False
        except (OSError, UnicodeDecodeError):
            name = f"{PREFIX}{field_name.upper()}_FILE"
            raise SettingsInvalid(f"{name} names a file that can't be read.") from None


SECRET_SETTINGS = frozenset(
    {
        "database_url",
        "broker_url",
        "flower_password",
        "blocklist_key",
        "event_token",
        "event_token_previous",
        "text_token",
        "text_token_previous",
    }
)


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One line of the list of settings: `default` is as a person would type it, empty for none."""

    variable: str
    default: str
    meaning: str
    by_file: bool


def list_settings() -> tuple[SettingLine, ...]:
    """Every setting of ours, in the order of the class: what the documentation must say."""
    return tuple(
        SettingLine(
            variable=f"{PREFIX}{name.upper()}",
            default="" if field.default is None else str(field.default),
            meaning=field.description or "",
            by_file=name in SECRET_SETTINGS,
        )
        for name, field in Settings.model_fields.items()
    )


def unknown_variables(environment: Mapping[str, str]) -> tuple[str, ...]:
    """PERSONAS_* variables that no setting reads: most likely a slip of the pen."""
    lines = list_settings()
    known = {line.variable for line in lines} | {f"{line.variable}_FILE" for line in lines if line.by_file}
    return tuple(sorted(name for name in environment if name.startswith(PREFIX) and name not in known))


def load_settings() -> Settings:
    """Read the environment now. Raises `SettingsInvalid` with one sentence per wrong variable."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = [f"{PREFIX}{str(item['loc'][0]).upper()}: {item['msg']}." for item in error.errors(include_input=False)]
        raise SettingsInvalid(" ".join(wrong)) from None
    except SettingsError as error:
        raise error.__cause__ or error from None


def _secret_or_kept(given: SecretStr | None, home: Path, name: str) -> str:
    return given.get_secret_value() if given else kept_secret(home, name)


def _with_previous(current: str, previous: SecretStr | None) -> tuple[str, ...]:
    return (current, previous.get_secret_value()) if previous else (current,)
