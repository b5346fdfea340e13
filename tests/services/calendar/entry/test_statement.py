"""One tap of the organiser: tickets are sold out, for everybody at once, and nothing else becomes public by it."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.calendar.entry.arrival import receive
from services.calendar.entry.model import Entry, get_public_event
from services.calendar.entry.publication import make_programme_message
from services.calendar.entry.view import EventView
from services.calendar.review.model import accept
from services.calendar.review.view import make_entry_view
from shared.messages import EventPublished
from shared.region import load_region
from tests.services.calendar.builders import LATER, NOW, Said, make_event, make_live, make_message, make_waiting
from tests.services.calendar.conftest import REGION


def state(version: int, availability: str | None, **fields: Any) -> Said:  # noqa: ANN401 - any field
    return make_message(version, availability=availability, availability_at_version=version, **fields)


def tickets(entry: Entry) -> str | None:
    found = get_public_event(entry)
    return found.tickets.availability if found else None


SECRET = make_event(
    title={"pl": "Tajne"},
    summary={"pl": "Nikt tego nie zatwierdził."},
    website="https://tajne.example",
    dates={"certainty": "exact", "start": "2027-09-01", "end": "2027-09-01"},
    tickets={
        "free": True,
        "price": {"pl": "1 zł"},
        "availability": "available",
        "registration_url": "https://x.example",
    },
    licence="CC0-1.0",
)


def test_a_statement_is_public_at_once_as_a_new_revision_and_a_change() -> None:
    before = make_live()

    after, (published, _review) = receive(before, state(2, "sold_out", content=1), now=LATER)

    assert isinstance(published, EventPublished)
    assert (published.revision, published.changed_at) == (before.revision + 1, LATER)
    assert published.event == make_event(title={"pl": "Żagle 1"}, tickets={"availability": "sold_out"})
    assert published.notice is None
    assert (after.live, after.proposal) == (before.live, None)


def test_nothing_of_a_waiting_proposal_becomes_public_with_a_statement() -> None:
    waiting, _ = receive(make_live(), make_message(2, event=SECRET), now=NOW)

    after, (published, _review) = receive(waiting, state(3, "sold_out", content=2, event=SECRET), now=LATER)

    assert isinstance(published, EventPublished)
    assert published.event == make_event(title={"pl": "Żagle 1"}, tickets={"availability": "sold_out"})
    assert (after.proposal, after.live) == (waiting.proposal, waiting.live)


def test_nothing_of_a_proposal_becomes_public_if_the_message_that_brought_it_was_skipped() -> None:
    after, (published, _review) = receive(make_live(), state(3, "sold_out", content=2, event=SECRET), now=LATER)

    assert isinstance(published, EventPublished)
    assert published.event == make_event(title={"pl": "Żagle 1"}, tickets={"availability": "sold_out"})
    assert after.waiting


def test_a_statement_about_what_is_not_public_publishes_nothing() -> None:
    _, messages = receive(make_waiting(), state(2, "sold_out", content=1), now=LATER)

    assert [type(each).__name__ for each in messages] == ["SubmissionReviewed"]


def test_a_statement_can_be_undone_and_taken_back() -> None:
    entry, _ = receive(make_live(), state(2, "sold_out", content=1), now=LATER)
    again, _ = receive(entry, state(3, "available", content=1), now=LATER)
    back, (published, _review) = receive(again, state(4, None, content=1), now=LATER)

    assert [tickets(each) for each in (entry, again, back)] == ["sold_out", "available", None]
    assert published == make_programme_message(back)


def test_a_later_version_that_states_another_availability_ends_it_and_one_that_states_none_does_not() -> None:
    sold_out, _ = receive(make_live(), state(2, "sold_out", content=1), now=LATER)
    known: dict[str, Any] = {"availability": "sold_out", "availability_at_version": 2}
    silent, _ = receive(sold_out, make_message(3, **known), now=LATER)
    stating, _ = receive(
        sold_out, make_message(3, event=make_event(tickets={"availability": "available"}), **known), now=LATER
    )

    assert [tickets(accept(each, by="Anna", now=LATER)[0]) for each in (silent, stating)] == ["sold_out", "available"]
    assert tickets(stating) == "sold_out"


def test_a_message_of_a_release_that_knows_no_statement_takes_none_back() -> None:
    entry, _ = receive(make_live(), state(2, "sold_out", content=1), now=LATER)

    entry, messages = receive(entry, make_message(3, content=1), now=LATER)

    assert tickets(entry) == "sold_out"
    assert [type(each).__name__ for each in messages] == ["SubmissionReviewed"]


def test_a_statement_that_a_release_without_statements_consumed_is_applied_when_its_message_comes_again() -> None:
    consumed, _ = receive(make_live(), make_message(2, content=1), now=NOW)

    healed, (published, _review) = receive(consumed, state(2, "sold_out", content=1), now=LATER)
    again = receive(healed, state(2, "sold_out", content=1), now=LATER)

    assert (tickets(healed), published) == ("sold_out", make_programme_message(healed))
    assert (healed.revision, healed.received_version) == (consumed.revision + 1, 2)
    assert (healed.live, healed.proposal, healed.history) == (consumed.live, consumed.proposal, consumed.history)
    assert again == (healed, ())


def test_a_statement_of_an_older_message_than_the_one_consumed_is_not_applied() -> None:
    consumed, _ = receive(make_live(), make_message(3, content=1), now=NOW)

    assert receive(consumed, state(2, "sold_out", content=1), now=LATER) == (consumed, ())


@given(order=st.permutations(range(2, 7)), repeats=st.lists(st.integers(2, 6), max_size=5))
def test_in_any_order_and_repeated_the_public_never_reads_an_older_statement(
    order: list[int], repeats: list[int]
) -> None:
    said = {2: "few_left", 3: "sold_out", 4: "available", 5: None, 6: "sold_out"}
    entry, newest = make_live(), 1
    for version in [*order, *repeats]:
        entry, messages = receive(entry, state(version, said[version], content=1), now=LATER)
        newest = max(newest, version)
        assert tickets(entry) == said[newest]
        assert (version < newest) <= (not messages)


def test_curators_read_what_visitors_read_and_no_change_where_both_say_the_same() -> None:
    entry, _ = receive(make_live(), state(2, "sold_out", content=1), now=LATER)
    known: dict[str, Any] = {"availability": "sold_out", "availability_at_version": 2}
    proposed, _ = receive(entry, make_message(3, event=make_event(title={"pl": "Żagle 1"}), **known), now=LATER)

    view = make_entry_view(proposed, EventView(load_region(REGION), "en"), today=date(2027, 1, 1))

    assert (view.changed, view.tickets) == ([], "sold_out")
    assert ["Sold out"] in [list(fact.lines) for fact in view.facts]
