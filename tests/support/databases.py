"""Databases as tests open them: with a test's patience, where services give a call up after three seconds."""

from __future__ import annotations

from functools import partial
from typing import Final

from shared.database.client import open_database

open_patiently: Final = partial(open_database, timeout_ms=60_000)
