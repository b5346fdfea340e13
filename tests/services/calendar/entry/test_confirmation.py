"""A confirmation of the organiser: public, and no news."""

from __future__ import annotations

from services.calendar.entry.arrival import receive
from services.calendar.entry.model import get_confirmation
from services.calendar.entry.publication import make_programme_message
from services.calendar.review.model import accept
from shared.messages import EventPublished
from tests.services.calendar.builders import LATER, NOW, make_live, make_message

AT = "2026-11-25T09:00:00.000Z"


def test_a_confirmation_is_published_without_a_new_date_of_change() -> None:
    before = make_live()

    after, (published, _review) = receive(
        before, make_message(2, content=1, confirmed_at_version=2, confirmed_at=AT), now=LATER
    )

    assert isinstance(published, EventPublished)
    assert (published.revision, published.confirmed_at) == (before.revision + 1, AT)
    assert published.changed_at == before.changed_at == NOW
    assert published.notice == make_programme_message(before).notice  # type: ignore[union-attr]  # it is public
    assert get_confirmation(after) == AT


def test_a_confirmation_ends_with_the_next_version_that_is_accepted() -> None:
    entry, _ = receive(make_live(), make_message(2, content=1, confirmed_at_version=2, confirmed_at=AT), now=LATER)
    entry, _ = receive(entry, make_message(3, confirmed_at_version=2, confirmed_at=AT), now=LATER)
    still = get_confirmation(entry)

    entry, _ = accept(entry, by="Anna", now=LATER)

    assert still == AT
    assert get_confirmation(entry) is None


def test_the_same_confirmation_again_publishes_nothing() -> None:
    entry, _ = receive(make_live(), make_message(2, content=1, confirmed_at_version=2, confirmed_at=AT), now=LATER)

    _, messages = receive(entry, make_message(3, content=1, confirmed_at_version=2, confirmed_at=AT), now=LATER)

    assert [type(each).__name__ for each in messages] == ["SubmissionReviewed"]
