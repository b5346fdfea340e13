"""How far an organisation came, and which ones a view shows in which order."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from services.calendar.board.model import (
    SORTS,
    VIEWS,
    BoardFilter,
    Coverage,
    EntryCount,
    Sort,
    Standing,
    View,
    choose_undated_year,
    choose_year,
    count_views,
    make_standing,
    select,
)
from services.calendar.board.query import read_filter, write_query
from shared.accounts.organisations import OrganisationRecord
from shared.messages import OrganisationActivity, YearActivity
from tests.services.calendar.call.builders import make_call

LOT = OrganisationRecord("lot-szczecin", "LOT Szczecin", "LOT", "3262")
COUNTS = st.integers(0, 3)


def make(name: str = "LOT", *, county: str = "3262", **numbers: Any) -> Standing:  # noqa: ANN401 - any number
    return Standing(OrganisationRecord(name.lower(), name, "LOT", county), **numbers)


@pytest.mark.parametrize(
    ("standing", "stage"),
    [
        (make(), "nothing"),
        (make(people_invited=2), "invited"),
        (make(people_invited=2, people_active=1), "active"),
        (make(people_invited=2, people_active=1, drafts=1), "drafts"),
        (make(drafts=1, sent=1), "sent"),
        (make(sent=2, entries=EntryCount(accepted=1)), "accepted"),
    ],
)
def test_stage_is_the_furthest_step(standing: Standing, stage: str) -> None:
    assert standing.stage == stage


def test_numbers_come_from_both_services() -> None:
    activity = OrganisationActivity(
        organisation="lot-szczecin",
        number=3,
        people_invited=2,
        people_active=1,
        last_seen_day="2026-11-20",
        changed_at="2026-11-21T12:00:00.000Z",
        undated_drafts=1,
        years=[YearActivity(2026, sent=9), YearActivity(2027, drafts=2, sent=1, not_renewed=4)],
    )

    standing = make_standing(LOT, 2027, activity=activity, entries=EntryCount(waiting=2), reminded=date(2026, 11, 25))

    other = make_standing(LOT, 2028, activity=activity, entries=EntryCount(), counts_undated=False)

    assert (standing.drafts, standing.sent, standing.not_renewed) == (3, 2, 4)
    assert other.drafts == 0
    assert (standing.last_seen, standing.last_contact) == (date(2026, 11, 20), date(2026, 11, 25))


def test_organisation_of_which_nothing_was_told_is_on_the_board() -> None:
    assert make_standing(LOT, 2027, activity=None, entries=EntryCount()).stage == "nothing"


def test_least_far_come_first_and_equal_ones_by_name() -> None:
    standings = [make("C", sent=1), make("B"), make("A"), make("D", drafts=1)]

    assert [each.organisation.name for each in select(standings, BoardFilter(), "pl")] == ["A", "B", "D", "C"]


def test_names_stand_in_the_order_of_the_language() -> None:
    standings = [make(name) for name in ("Żary", "Zator", "Łeba", "Lubin", "Mielno")]

    shown = select(standings, BoardFilter(sort="name"), "pl")

    assert [each.organisation.name for each in shown] == ["Lubin", "Łeba", "Mielno", "Zator", "Żary"]


def test_view_and_county_narrow_together() -> None:
    standings = [make("A"), make("B", sent=1), make("C", county="3201")]

    shown = select(standings, BoardFilter(view="nothing_sent", county="3262"), "pl")

    assert [each.organisation.name for each in shown] == ["A"]
    assert count_views(standings)["nothing_sent"] == 2


@given(
    numbers=st.lists(st.tuples(COUNTS, COUNTS, COUNTS, COUNTS), max_size=8),
    view=st.sampled_from(VIEWS),
    sort=st.sampled_from(SORTS),
    descending=st.booleans(),
)
def test_each_view_shows_as_many_as_it_counts(
    numbers: list[tuple[int, int, int, int]],
    view: View,
    sort: Sort,
    descending: bool,  # noqa: FBT001 - drawn
) -> None:
    standings = [
        make(f"O{place}", people_active=active, drafts=drafts, sent=sent, entries=EntryCount(changes=changes))
        for place, (active, drafts, sent, changes) in enumerate(numbers)
    ]

    shown = select(standings, BoardFilter(view=view, sort=sort, descending=descending), "pl")

    assert len(shown) == count_views(standings)[view]


@given(
    chosen=st.builds(
        BoardFilter,
        view=st.sampled_from(VIEWS),
        county=st.sampled_from(["", "3262"]),
        kind=st.sampled_from(["", "LOT & co"]),
        sort=st.sampled_from(SORTS),
        descending=st.booleans(),
    )
)
def test_address_holds_the_whole_filter(chosen: BoardFilter) -> None:

    assert read_filter(QueryParams(write_query(chosen).removeprefix("?"))) == chosen


def test_gap_is_a_month_of_a_county_without_events() -> None:
    coverage = Coverage({("3262", 8): 3, ("3201", 1): 1}, ("3201", "3262"))

    assert (coverage.count_gaps(), coverage.sum_county("3262"), coverage.sum_month(1)) == (22, 3, 1)


@pytest.mark.parametrize(
    ("today", "year"),
    [
        (date(2026, 12, 1), 2027),
        (date(2027, 1, 15), 2027),
        (date(2027, 1, 16), 2028),
        (date(2028, 1, 16), 2028),
        (date(2029, 1, 1), 2030),
    ],
)
def test_board_opens_at_the_first_year_whose_call_is_not_over(today: date, year: int) -> None:
    later = make_call(2028, deadline_on=date(2028, 1, 15), freeze_on=date(2028, 2, 15))

    assert choose_year([later, make_call(2027)], today) == year


@pytest.mark.parametrize(
    ("today", "year"),
    [
        (date(2026, 11, 30), 2027),  # none is open yet
        (date(2026, 12, 1), 2027),
        (date(2027, 1, 12), 2028),
        (date(2027, 1, 15), 2027),
        (date(2027, 1, 16), 2028),  # none is open any more
    ],
)
def test_drafts_without_a_date_count_for_the_open_call_that_ends_first(today: date, year: int) -> None:
    short = make_call(2028, opens_on=date(2027, 1, 10), deadline_on=date(2027, 1, 14), freeze_on=date(2027, 2, 15))

    assert choose_undated_year([short, make_call(2027)], today) == year
