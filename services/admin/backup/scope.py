"""Scope of a backup: which databases and collections belong to it."""

from __future__ import annotations

from typing import Final

from shared.settings import CommonSettings

DATABASES: Final = ("accounts", "ingest", "calendar", "media")
# Only where the log is embedded.
LOG: Final = "log"

# An ended session and a used link must not come back; leases and attempts are of processes long gone. All else is
# copied, also what a later release adds.
SHORT_LIVED: Final = frozenset(
    {
        ("accounts", "sessions"),
        ("accounts", "links"),
        ("ingest", "attempts"),
        ("ingest", "leases"),
        ("ingest", "late_code_guesses"),
        ("calendar", "attempts"),
        ("calendar", "leases"),
    }
)

# Prefix of the collections of a restore that is not finished.
LOADING: Final = "restoring."


def list_databases(settings: CommonSettings) -> tuple[str, ...]:
    return DATABASES if settings.kafka_bootstrap else (*DATABASES, LOG)


def is_copied(database: str, collection: str) -> bool:
    return (database, collection) not in SHORT_LIVED and not collection.startswith(LOADING)
