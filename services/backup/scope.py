"""What belongs to a backup, and what is too short-lived to be worth keeping."""

from __future__ import annotations

from typing import Final

from shared.settings import CommonSettings

DATABASES: Final = ("accounts", "ingest", "calendar")
LOG: Final = "log"
"""The event log's own database; only where the log is embedded."""

SHORT_LIVED: Final = frozenset(
    {
        ("accounts", "sessions"),
        ("ingest", "attempts"),
        ("ingest", "leases"),
        ("calendar", "attempts"),
        ("calendar", "leases"),
    }
)
"""Sessions: one that was ended since must not come back, and to log in again costs little. Leases and attempts are
about processes that are long gone. Everything else is copied, what a later release adds too."""

LOADING: Final = "restoring."
"""How the names of collections begin that a restore has not finished yet."""


def databases(settings: CommonSettings) -> tuple[str, ...]:
    """Name the databases that an installation's backup holds."""
    return DATABASES if settings.kafka_bootstrap else (*DATABASES, LOG)


def is_copied(database: str, collection: str) -> bool:
    """Tell whether a collection belongs to a backup."""
    return (database, collection) not in SHORT_LIVED and not collection.startswith(LOADING)
