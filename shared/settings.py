"""Settings from environment variables with the prefix ``KAL_``, read once and passed on as an argument."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import urlsplit

from annotated_types import Ge, Le
from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.plain_text import escape_unprintable
from shared.redact import redact_credentials

PREFIX = "KAL_"
MAX_VALUE_LENGTH = 80
_MONGO = re.compile(r"mongodb(\+srv)?://[^\s/?]+([/?]\S*)?")
_SMTP_QUERY = re.compile(r"(starttls=(true|false))?")
_MAIL_ADDRESS = re.compile(r"[A-Za-z0-9._+-]{1,64}@(localhost|[a-z0-9-]+(\.[a-z0-9-]+)+)")
_IP_ADDRESS = re.compile(r"[0-9.]+|.*:.*")
_BROKER = re.compile(r"([^\s:/@\[\]]+|\[[0-9a-fA-F:]+\]):\d{1,5}")


class SettingsBroken(Exception):
    """A line for each invalid setting: its value unless secret, and what is expected."""


def _validate_web_address(value: str) -> str:
    if not _is_web_address(value):
        raise ValueError("a web address such as https://kalendarium.example.org")
    return value.rstrip("/")


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.query and not parts.fragment


def _validate_mongo_url(value: str) -> str:
    if not _MONGO.fullmatch(value):
        raise ValueError("a MongoDB connection string such as mongodb://host:27017/?replicaSet=rs0")
    return value


def _validate_brokers(value: str) -> str:
    if not all(_BROKER.fullmatch(each.strip()) for each in value.split(",")):
        raise ValueError("Kafka's brokers as host:port, comma-separated")
    return value


def _validate_smtp_url(value: str) -> str:
    if not _is_smtp_url(value):
        raise ValueError("a mail server such as smtp://user:password@host:587 or smtps://host")
    return value


def _is_smtp_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return False
    plain = not parts.fragment and parts.path in {"", "/"} and _SMTP_QUERY.fullmatch(parts.query)
    return parts.scheme in {"smtp", "smtps"} and bool(parts.hostname) and bool(plain)


def _validate_mail_address(value: str) -> str:
    if not _MAIL_ADDRESS.fullmatch(value):
        raise ValueError("a mail address such as kalendarium@example.org")
    return value


# Without a trailing slash.
WebAddress = Annotated[str, AfterValidator(_validate_web_address)]


class CommonSettings(BaseSettings):
    """Settings of all services."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore")

    mongo_url: Annotated[str, AfterValidator(_validate_mongo_url)] = Field(
        default="mongodb://127.0.0.1:27017", repr=False
    )
    database_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")] = "kalendarium"
    # Without it the event log is embedded in MongoDB, for one process.
    kafka_bootstrap: Annotated[str, AfterValidator(_validate_brokers)] | None = None
    public_url: WebAddress = "http://127.0.0.1:8000"
    ingest_url: WebAddress = Field(default_factory=lambda read: read["public_url"])
    calendar_url: WebAddress = Field(default_factory=lambda read: read["public_url"])
    # Without it mails wait in the outbox. It holds a password.
    smtp_url: Annotated[str, AfterValidator(_validate_smtp_url)] | None = Field(default=None, repr=False)
    mail_from: Annotated[str, AfterValidator(_validate_mail_address)] | None = None
    region: Path = Path("deploy/region")
    data_dir: Path = Path("var")  # disposable data only: snapshots, caches
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["console", "json"] = "console"
    host: str = "127.0.0.1"
    # Trusted proxies, comma-separated; ``*`` trusts any, so the proxy must overwrite ``X-Forwarded-For``.
    forwarded_allow_ips: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8000

    @model_validator(mode="after")
    def _require_one_scheme(self) -> Self:
        addresses = {"PUBLIC": self.public_url, "INGEST": self.ingest_url, "CALENDAR": self.calendar_url}
        if len({urlsplit(each).scheme for each in addresses.values()}) > 1:
            named = ", ".join(f"{PREFIX}{name}_URL={_format_value(value)}" for name, value in addresses.items())
            raise ValueError(f"{named}: expected all to be http or all to be https")
        return self

    @property
    def https(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def sender(self) -> str:
        """The address that mails are from: ``KAL_MAIL_FROM``, or no-reply at the public host."""
        host = urlsplit(self.public_url).hostname or "localhost"
        return self.mail_from or f"no-reply@{'localhost' if _IP_ADDRESS.fullmatch(host) else host}"

    def database(self, name: str) -> str:
        """``kalendarium_ingest`` for ``ingest``."""
        return f"{self.database_prefix}_{name}"


SomeSettings = TypeVar("SomeSettings", bound=CommonSettings)


def read_settings(settings: type[SomeSettings], *, common: CommonSettings | None = None) -> SomeSettings:
    """``common`` are already read, for several services in one process. Raises SettingsBroken."""
    known: dict[str, Any] = common.model_dump() if common else {}
    try:
        return settings(**known)
    except ValidationError as error:
        raise SettingsBroken("\n".join(_describe_errors(settings, error))) from None


def _describe_errors(settings: type[CommonSettings], error: ValidationError) -> list[str]:
    wrong = [each for each in error.errors() if each["type"] != "default_factory_not_called"]  # follows from another's
    return [_describe_error(settings, each) for each in wrong]


def _describe_error(settings: type[CommonSettings], error: ErrorDetails) -> str:
    said = (
        error["msg"]
        .removeprefix("Value error, ")
        .removeprefix("Input should be ")
        .replace("String should match", "a text of the")
    )
    if not error["loc"]:
        return said
    name = str(error["loc"][0])
    field = settings.model_fields[name]
    value = f"={_format_value(str(error['input']))}" if field.repr else ""
    return f"{PREFIX}{name.upper()}{value}: expected {_describe_bounds(field) or said}"


def _describe_bounds(field: FieldInfo) -> str | None:
    # pydantic names only the violated bound.
    if field.annotation is not int:
        return None
    low = next((each.ge for each in field.metadata if isinstance(each, Ge)), None)
    high = next((each.le for each in field.metadata if isinstance(each, Le)), None)
    return "a whole number" + (f" from {low}" if low is not None else "") + (f" to {high}" if high is not None else "")


def _format_value(value: str) -> str:
    """In one line, without credentials in a URL."""
    hidden = redact_credentials(value)
    printable = escape_unprintable(hidden)
    return printable if len(printable) <= MAX_VALUE_LENGTH else f"{printable[:MAX_VALUE_LENGTH]}…"
