"""What a review brings that an organisation is told, and from when until when a digest tells."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.notification.model import News, bound_digest, find_news, is_recent, list_rhythms
from services.ingest.submission.model import Review
from shared.messages import Remark

WARSAW = ZoneInfo("Europe/Warsaw")
AT = "2027-03-01T10:00:00.000Z"
ASKED = Remark("a", AT, "O której otwarcie?")


def make_review(number: int = 1, **fields: object) -> Review:
    known: dict[str, object] = {
        "version": 1,
        "state": "waiting",
        "reason": None,
        "comment": None,
        "decided_version": None,
        "reviewed_at": AT,
        "live_version": None,
        "live_status": None,
    }
    return Review(number=number, **(known | fields))  # type: ignore[arg-type]  # any field


ACCEPTED = make_review(2, state="accepted", decided_version=1, live_version=1, live_status="confirmed")


def test_the_arrival_of_a_version_is_no_news() -> None:
    assert find_news(None, make_review()) == ()
    assert find_news(ACCEPTED, make_review(3, version=2, decided_version=1, live_version=1)) == ()


def test_a_decision_is_told_with_its_reason_and_comment() -> None:
    refused = make_review(2, state="rejected", decided_version=1, reason="duplicate", comment="Zob. Żagle.")

    assert find_news(make_review(), refused) == (News("rejected", "Zob. Żagle.", "duplicate"),)


def test_a_remark_is_told_once() -> None:
    with_remark = make_review(2, remarks=(ASKED,))

    assert find_news(make_review(), with_remark) == (News("remark", ASKED.text),)
    assert find_news(with_remark, make_review(3, remarks=(ASKED,))) == ()


def test_a_decision_that_is_told_already_is_not_told_with_a_later_remark() -> None:
    later = make_review(
        3, state="accepted", decided_version=1, live_version=1, live_status="confirmed", remarks=(ASKED,)
    )

    assert find_news(ACCEPTED, later) == (News("remark", ASKED.text),)


def test_a_curators_cancellation_is_told() -> None:
    cancelled = make_review(
        3, state="accepted", decided_version=1, live_version=1, live_status="cancelled", stopped_by_curator=True
    )

    assert [each.kind for each in find_news(ACCEPTED, cancelled)] == ["cancelled_by_curator"]


def test_what_a_curator_took_back_is_told_once_with_its_reason() -> None:
    reported = make_review(3, version=2, decided_version=1, live_version=1, reported_version=2, reported=("dates",))
    taken_back = make_review(
        4, version=2, state="rejected", decided_version=2, live_version=1, reason="not_confirmed", taken_back_version=2
    )
    later = make_review(5, version=3, decided_version=2, live_version=1, reason="not_confirmed", taken_back_version=2)

    assert find_news(ACCEPTED, reported) == ()
    assert find_news(reported, taken_back) == (News("taken_back_by_curator", "", "not_confirmed"),)
    assert find_news(taken_back, later) == ()


def test_requested_changes_say_more_than_what_they_ended() -> None:
    asked = make_review(
        4, version=2, state="changes_requested", decided_version=2, live_version=1, comment="Kto?", taken_back_version=2
    )

    assert [each.kind for each in find_news(ACCEPTED, asked)] == ["changes_requested"]


def test_what_is_years_old_is_not_told() -> None:
    assert is_recent(ACCEPTED, datetime(2027, 3, 14, tzinfo=UTC))
    assert not is_recent(ACCEPTED, datetime(2027, 3, 16, tzinfo=UTC))


def test_an_old_decision_with_a_new_remark_is_recent() -> None:
    remark = Remark("b", "2027-06-01T10:00:00.000Z", "Jeszcze jedno.")

    assert is_recent(make_review(3, remarks=(ASKED, remark)), datetime(2027, 6, 2, tzinfo=UTC))


def test_weekly_digests_are_sent_on_mondays() -> None:
    assert list_rhythms(date(2027, 3, 1)) == ("daily", "weekly")
    assert list_rhythms(date(2027, 3, 2)) == ("daily",)


@given(st.dates(date(2026, 1, 1), date(2040, 12, 31)))
def test_every_instant_is_in_one_daily_digest(day: date) -> None:
    start, end = bound_digest(day, "daily", WARSAW)

    assert bound_digest(day - timedelta(days=1), "daily", WARSAW)[1].astimezone(UTC) == start.astimezone(UTC)
    assert timedelta(hours=23) <= end.astimezone(UTC) - start.astimezone(UTC) <= timedelta(hours=25)
