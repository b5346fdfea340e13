"""The programme of West Pomerania as it is, and programmes that are broken."""

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.demo.editions import roll
from services.demo.programme import ProgrammeEvent, load_programme
from shared.region import Region, RegionPackBroken, load_region

PACK = Path(__file__).parents[3] / "deploy" / "region"


@pytest.fixture(scope="module", name="region")
def region_fixture() -> Region:
    return load_region(PACK)


@pytest.fixture(scope="module", name="programme")
def programme_fixture(region: Region) -> tuple[ProgrammeEvent, ...]:
    return load_programme(PACK, region)


def refusal(tmp_path: Path, region: Region, change: Callable[[Any], object]) -> RegionPackBroken:
    """Load a copy of the programme after ``change`` and give what is said of it."""
    file = Path(shutil.copy(PACK / "programme.json", tmp_path))
    held = json.loads(file.read_text(encoding="utf-8"))
    change(held)
    file.write_text(json.dumps(held), encoding="utf-8")
    with pytest.raises(RegionPackBroken) as refused:
        load_programme(tmp_path, region)
    return refused.value


def test_programme_has_173_events(programme: tuple[ProgrammeEvent, ...]) -> None:
    assert len({event.slug for event in programme}) == len(programme) == 173


def test_programme_is_in_the_order_of_its_slugs(programme: tuple[ProgrammeEvent, ...]) -> None:
    assert [event.slug for event in programme] == sorted(event.slug for event in programme)


def test_programme_keeps_the_confidence_of_its_dates(programme: tuple[ProgrammeEvent, ...]) -> None:
    assert Counter(event.confidence for event in programme) == {"high": 95, "medium": 37, "low": 41}


def test_programme_keeps_the_precision_of_its_dates(programme: tuple[ProgrammeEvent, ...]) -> None:
    assert Counter(event.edition.precision for event in programme) == {"day": 151, "month": 15, "season": 7}


def test_programme_says_what_repeats(programme: tuple[ProgrammeEvent, ...]) -> None:
    assert [event.slug for event in programme if event.edition.repeats == "weekly"] == [
        "miedzynarodowy-festiwal-muzyki-organowej-i-kameralnej",
        "miedzynarodowy-festiwal-organowy-w-koszalinie",
        "niedzielne-zwiedzanie-trzebiatowa-z-przewodnikiem",
        "pazdziernikowe-przejazdy-nadmorskiej-kolei-waskotorowej",
        "szczecinski-bazar-smakoszy",
    ]
    assert [event.slug for event in programme if event.edition.days] == ["szczecin-music-fest"]


def test_programme_says_what_is_part_of_what_and_part_of_it_lies_within(programme: tuple[ProgrammeEvent, ...]) -> None:
    by_slug = {event.slug: event for event in programme}
    parts = {event.slug: by_slug[event.part_of] for event in programme if event.part_of}

    assert {part: umbrella.slug for part, umbrella in parts.items()} == {
        "bieg-filmowy": "festiwal-dwoch-jezior",
        "dzien-rybaka-piknik-osiedla-warszow": "dni-morza-w-swinoujsciu",
        "ekstremalny-rajd-na-orientacje-wloczykij-trip-extreme": "gryfinski-festiwal-miejsc-i-podrozy-wloczykij",
    }
    for part, umbrella in parts.items():
        (begins, ends), (first, last) = roll(by_slug[part].edition, 2027), roll(umbrella.edition, 2027)
        assert first <= begins <= ends <= last


def test_programme_has_patterns_in_place_of_pictures(programme: tuple[ProgrammeEvent, ...]) -> None:
    assert Counter(event.pattern for event in programme if event.pattern) == {
        "waves": 3,
        "stripes": 3,
        "sails": 3,
        "rays": 3,
    }


def test_load_programme_refuses_a_part_of_what_is_not_there(tmp_path: Path, region: Region) -> None:
    broken = refusal(tmp_path, region, lambda events: events[0].update(part_of="zagle"))
    assert str(broken) == (
        "The region pack cannot be used: programme.json, field akcja-lisc-debu.part_of: "
        "zrot has no event zagle that is no part itself."
    )


def test_programme_reaches_every_county_and_category(programme: tuple[ProgrammeEvent, ...], region: Region) -> None:
    assert {event.venue.county for event in programme} == set(region.counties)
    assert {event.category for event in programme} == set(region.categories)


def test_programme_gives_the_curator_what_has_no_organiser(programme: tuple[ProgrammeEvent, ...]) -> None:
    assert Counter(event.organisation == "zrot" for event in programme) == {False: 135, True: 38}


def test_programme_comes_from_verified_organisations_only(
    programme: tuple[ProgrammeEvent, ...], region: Region
) -> None:
    assert {region.organisations[event.organisation].verified for event in programme} == {True}


def test_programme_marks_polish_titles_that_are_ours(programme: tuple[ProgrammeEvent, ...]) -> None:
    assert [event.slug for event in programme if "pl" in event.title_ours] == [
        "miedzynarodowy-festiwal-pianistyczny-gramy-w-duecie",
        "polsko-niemiecki-przejazd-dzien-bez-samochodu",
        "swieto-ryby-w-nowym-warpnie",
    ]


def test_load_programme_refuses_an_unknown_organisation(tmp_path: Path, region: Region) -> None:
    broken = refusal(tmp_path, region, lambda events: events[0].update(organisation="nobody"))
    assert str(broken) == (
        "The region pack cannot be used: programme.json, field akcja-lisc-debu.organisation: there is no nobody."
    )


def test_load_programme_refuses_a_missing_language(tmp_path: Path, region: Region) -> None:
    broken = refusal(tmp_path, region, lambda events: events[0]["title"].pop("de"))
    assert broken.field == "akcja-lisc-debu.title"


def test_load_programme_refuses_a_slug_that_stands_twice(tmp_path: Path, region: Region) -> None:
    broken = refusal(tmp_path, region, lambda events: events.append(events[0]))
    assert broken.field == "akcja-lisc-debu.slug"


@pytest.mark.parametrize(
    ("edition", "reason"),
    [
        ({"end": "2021-05-29"}, "the edition ends before it starts"),
        ({"year": 2020}, "the edition of 2020 starts in 2021"),
        ({"precision": "month"}, "an edition without a day has no hour"),
        ({"repeats": "weekly"}, "it repeats weekly or on days, from its first day to a later one"),
        ({"repeats": "weekly", "end": "2021-06-05"}, "the last time is on another weekday than the first"),
        (
            {"days": ["2021-05-30", "2021-06-01"], "end": "2021-06-02"},
            "its days are not in order from the first to the last",
        ),
        (
            {"days": ["2021-05-30", "2021-06-02", "2021-06-01", "2021-06-03"], "end": "2021-06-03"},
            "its days are not in order from the first to the last",
        ),
        ({"closes_at": "13:00"}, "only a day with an hour has a later one at which it ends"),
        ({"closes_at": "18:00", "end": "2021-05-31"}, "only a day with an hour has a later one at which it ends"),
    ],
)
def test_load_programme_refuses_an_edition_that_contradicts_itself(
    tmp_path: Path, region: Region, edition: dict[str, object], reason: str
) -> None:
    broken = refusal(tmp_path, region, lambda events: events[0]["edition"].update(edition))
    assert str(broken) == f"The region pack cannot be used: programme.json, field [0].edition: {reason}."


def test_load_programme_refuses_a_title_over_its_limit(tmp_path: Path, region: Region) -> None:
    broken = refusal(tmp_path, region, lambda events: events[0]["title"].update(pl="Ż" * 121))
    assert broken.field == "[0].title[...]"
