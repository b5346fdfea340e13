from __future__ import annotations

import pytest

from services.admin.backup.scope import DATABASES, is_copied


@pytest.mark.parametrize("database", DATABASES)
def test_jobs_that_wait_are_in_a_backup(database: str) -> None:
    assert is_copied(database, "jobs")


@pytest.mark.parametrize("collection", ["leases", "attempts"])
def test_what_belongs_to_processes_long_gone_is_not(collection: str) -> None:
    assert not is_copied("ingest", collection)
