"""Queries of the board: all organisations with what is known of them, in few questions."""

from __future__ import annotations

import asyncio

from services.calendar.board.counts import count_coverage, count_entries
from services.calendar.board.model import Coverage, EntryCount, Standing, choose_undated_year, make_standing
from services.calendar.state import State


async def list_standings(state: State, year: int, *, closed: bool = False) -> list[Standing]:
    """List every organisation, also one that never did anything; closed ones with ``closed``. Raises PyMongoError."""
    organisations, activities, entries, reminded, asked, calls = await asyncio.gather(
        state.organisations.list(),
        state.activities.get_all(),
        count_entries(state.entries.collection, year, state.region.languages.site, texts=state.region.languages.texts),
        state.reminders.list_last_days(state.region.time_zone),
        state.requests.count_open(),
        state.calls.list_calls(),
    )
    undated_year = choose_undated_year(calls, state.get_today())
    return [
        make_standing(
            each,
            year,
            activity=activities.get(each.slug),
            entries=entries.get(each.slug, EntryCount()),
            asked=asked.get(each.slug, 0),
            reminded=reminded.get(each.slug),
            counts_undated=year == undated_year,
        )
        for each in organisations
        if closed or not each.closed
    ]


async def get_coverage(state: State, year: int) -> Coverage:
    counts = await count_coverage(state.entries.collection, year)
    return Coverage(counts, tuple(state.region.counties))
