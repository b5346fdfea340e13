"""Counts of the board are those of the event's own rules, made by the database."""

from __future__ import annotations

from typing import Any, Final

from services.calendar.board.counts import count_entries
from services.calendar.entry.documents import write_entry
from shared.database.client import Database
from shared.event.completeness import measure_completeness, sum_completeness
from shared.event.model import parse_event
from tests.services.calendar.builders import make_event, make_live

LANGUAGES: Final = ("pl", "en", "de")
PICTURE: Final[dict[str, Any]] = {"credit": "Jan", "licence": "CC0-1.0"}
EVENTS: Final[tuple[dict[str, Any], ...]] = (
    make_event(),
    make_event(title={"pl": "Żagle", "de": "Segeltage"}, summary={"pl": "Statki.", "en": "Ships."}),
    make_event(description={"en": "Ships."}, tickets={"free": False, "price": {"pl": "10 zł", "cs": "60 Kč"}}),
    make_event(tickets={"free": True}),
    make_event(
        images=[
            PICTURE | {"media": "a" * 64, "alt": {"pl": "Żaglowiec", "de": "Segler"}},
            PICTURE | {"media": "b" * 64, "alt": {"pl": "Tłum"}},
            PICTURE | {"media": "c" * 64, "alt": {}},
        ]
    ),
)


async def test_texts_are_counted_as_completeness_counts_them(database: Database) -> None:
    await save(database, EVENTS)

    [found] = (await count_entries(database["entries"], 2027, ("pl",), texts=LANGUAGES)).values()

    assert found.texts == sum_completeness(measure_completeness(parse_event(each), LANGUAGES) for each in EVENTS)
    assert [str(each) for each in found.texts] == ["pl 9/19", "en 2/19", "de 2/19"]


async def test_each_event_is_counted_as_its_completeness_says(database: Database) -> None:
    for event in EVENTS:
        await database["entries"].delete_many({})
        await save(database, [event])

        [found] = (await count_entries(database["entries"], 2027, (), texts=LANGUAGES)).values()

        assert found.texts == measure_completeness(parse_event(event), LANGUAGES)


async def test_texts_of_another_year_and_of_what_waits_do_not_count(database: Database) -> None:
    await save(database, EVENTS)

    found = await count_entries(database["entries"], 2028, (), texts=LANGUAGES)

    assert [each.texts for each in found.values()] == [()]


async def save(database: Database, events: Any) -> None:  # noqa: ANN401 - any list of events
    for number, event in enumerate(events):
        entry = make_live(submission_id=f"0195-{number}", event=event)
        await database["entries"].insert_one(write_entry(entry))
