"""What every service reads from its surroundings: environment variables that begin with ``KAL_``.

A service's own ``Settings`` stand in its ``app.py`` and build on :class:`CommonSettings`. They are read once, by
:func:`read_settings`, and handed on as an argument; nothing else looks at the environment.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "KAL_"


class SettingsBroken(Exception):
    """The settings cannot be used; its text has one line for each setting that is wrong, never a value."""


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be a web address such as https://kalendarium.example.org")
    return value.rstrip("/")


WebAddress = Annotated[str, AfterValidator(_web_address)]
"""An ``http`` or ``https`` address without a slash at its end."""


class CommonSettings(BaseSettings):
    """The settings that the three services share.

    ``mongo_url`` and ``kafka_bootstrap`` say where the store and the log are (no ``kafka_bootstrap``: the log is kept
    in MongoDB by one process); databases are called ``<database_prefix>_<service>``. ``public_url`` is what feeds and
    mails link to; ``ingest_url`` and ``calendar_url`` are where people reach those services, if elsewhere. ``region``
    is the region pack's folder, ``data_dir`` the one for what may be thrown away (snapshots, caches).
    ``forwarded_allow_ips`` are the proxies, comma-separated, that may say from where a request came (``*``: any).
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore")

    mongo_url: str = Field(default="mongodb://127.0.0.1:27017", repr=False)
    database_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")] = "kalendarium"
    kafka_bootstrap: str | None = None
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
        schemes = {urlsplit(each).scheme for each in (self.public_url, self.ingest_url, self.calendar_url)}
        if len(schemes) > 1:
            raise ValueError("public_url, ingest_url and calendar_url must all be http or all be https")
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
        raise SettingsBroken("\n".join(_lines(error))) from None


def _lines(error: ValidationError) -> list[str]:
    """Say what is wrong with each setting, without its value: it may be a secret."""
    found = error.errors(include_input=False, include_url=False)
    wrong = [each for each in found if each["type"] != "default_factory_not_called"]  # follows from another's error
    return [f"{_name(each['loc'])}: {each['msg'].removeprefix('Value error, ')}" for each in wrong]


def _name(place: tuple[int | str, ...]) -> str:
    return f"{PREFIX}{place[0]}".upper() if place else f"{PREFIX}…"
