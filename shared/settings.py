"""What every service reads from its surroundings: environment variables that begin with ``KAL_``.

A service's own ``Settings`` stand in its ``app.py`` and build on :class:`CommonSettings`. They are read once, by
:func:`read_settings`, and handed on as an argument; nothing else looks at the environment.
"""

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

from shared.telemetry import without_credentials

PREFIX = "KAL_"
LONGEST_SHOWN = 80
_MONGO = re.compile(r"mongodb(\+srv)?://[^\s/?]+([/?]\S*)?")
_BROKER = re.compile(r"([^\s:/@\[\]]+|\[[0-9a-fA-F:]+\]):\d{1,5}")


class SettingsBroken(Exception):
    """The settings cannot be used; its text has a line for each, with its value unless secret, and what is expected."""


def _web_address(value: str) -> str:
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


def _mongo_url(value: str) -> str:
    if not _MONGO.fullmatch(value):
        raise ValueError("a MongoDB connection string such as mongodb://host:27017/?replicaSet=rs0")
    return value


def _brokers(value: str) -> str:
    if not all(_BROKER.fullmatch(each.strip()) for each in value.split(",")):
        raise ValueError("Kafka's brokers as host:port, comma-separated")
    return value


WebAddress = Annotated[str, AfterValidator(_web_address)]
"""An ``http`` or ``https`` address without a slash at its end."""


class CommonSettings(BaseSettings):
    """The settings that the three services share.

    ``mongo_url`` and ``kafka_bootstrap`` say where the store and the log are (no ``kafka_bootstrap``: the log is kept
    in MongoDB by one process); databases are called ``<database_prefix>_<service>``. ``public_url`` is what feeds and
    mails link to; ``ingest_url`` and ``calendar_url`` are where people reach those services, if elsewhere. ``region``
    is the region pack's folder, ``data_dir`` the one for what may be thrown away (snapshots, caches).
    ``forwarded_allow_ips`` are the proxies, addresses or networks, comma-separated, that may say from where a request
    came (``*``: any, and of what they pass on the client's own word is taken, so only for one that writes it anew).
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore")

    mongo_url: Annotated[str, AfterValidator(_mongo_url)] = Field(default="mongodb://127.0.0.1:27017", repr=False)
    database_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")] = "kalendarium"
    kafka_bootstrap: Annotated[str, AfterValidator(_brokers)] | None = None
    public_url: WebAddress = "http://127.0.0.1:8000"
    ingest_url: WebAddress = Field(default_factory=lambda read: read["public_url"])
    calendar_url: WebAddress = Field(default_factory=lambda read: read["public_url"])
    region: Path = Path("deploy/region")
    data_dir: Path = Path("var")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["console", "json"] = "console"
    host: str = "127.0.0.1"
    forwarded_allow_ips: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8000

    @model_validator(mode="after")
    def _refuse_mixed_schemes(self) -> Self:
        addresses = {"PUBLIC": self.public_url, "INGEST": self.ingest_url, "CALENDAR": self.calendar_url}
        if len({urlsplit(each).scheme for each in addresses.values()}) > 1:
            named = ", ".join(f"{PREFIX}{name}_URL={_shown(value)}" for name, value in addresses.items())
            raise ValueError(f"{named}: expected all to be http or all to be https")
        return self

    @property
    def https(self) -> bool:
        """Whether people reach the services by https, so that cookies may be kept to it."""
        return self.public_url.startswith("https://")

    def database(self, name: str) -> str:
        """Give the full name of a database, e.g. ``kalendarium_ingest`` for ``ingest``."""
        return f"{self.database_prefix}_{name}"


SomeSettings = TypeVar("SomeSettings", bound=CommonSettings)


def read_settings(settings: type[SomeSettings], *, common: CommonSettings | None = None) -> SomeSettings:
    """Read a service's settings from the environment.

    Args:
        settings: which.
        common: what the services of one process share; only what is the service's own is read then.

    Raises:
        SettingsBroken: if one is missing or wrong; its text has one line a setting.

    """
    known: dict[str, Any] = common.model_dump() if common else {}
    try:
        return settings(**known)
    except ValidationError as error:
        raise SettingsBroken("\n".join(_lines(settings, error))) from None


def _lines(settings: type[CommonSettings], error: ValidationError) -> list[str]:
    """Say of each setting what it is and what it should be."""
    wrong = [each for each in error.errors() if each["type"] != "default_factory_not_called"]  # follows from another's
    return [_line(settings, each) for each in wrong]


def _line(settings: type[CommonSettings], error: ErrorDetails) -> str:
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
    value = f"={_shown(str(error['input']))}" if field.repr else ""
    return f"{PREFIX}{name.upper()}{value}: expected {_bounds(field) or said}"


def _bounds(field: FieldInfo) -> str | None:
    """Say what a number may be; the library says only which bound was missed, or that it is no number."""
    if field.annotation is not int:
        return None
    low = next((each.ge for each in field.metadata if isinstance(each, Ge)), None)
    high = next((each.le for each in field.metadata if isinstance(each, Le)), None)
    return "a whole number" + (f" from {low}" if low is not None else "") + (f" to {high}" if high is not None else "")


def _shown(value: str) -> str:
    """Write a value in one line, without a password that somebody put into an address."""
    hidden = without_credentials(value)
    printable = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in hidden)
    return printable if len(printable) <= LONGEST_SHOWN else f"{printable[:LONGEST_SHOWN]}…"
