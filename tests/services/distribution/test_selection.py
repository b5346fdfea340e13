from __future__ import annotations

import pytest

from services.distribution.selection import Asked, FilterRefused, Known, Selection, read_filters
from services.distribution.serving import known_filters
from tests.services.distribution.builders import make_message, make_programme, make_region

PROGRAMME = make_programme(
    [
        make_message("szczecin", venue={"town": "Szczecin", "county": "3262"}),
        make_message("koszalin", venue={"town": "Koszalin", "county": "3261"}, category="food", also=["maritime"]),
        make_message(
            "autumn", category="food", dates={"certainty": "exact", "start": "2027-10-01", "end": "2027-10-03"}
        ),
        make_message("berlin", category="film", channels=["pot-berlin"]),
    ]
)


@pytest.fixture(scope="module")
def known() -> Known:
    return known_filters(make_region())


def asked(query: str, known: Known) -> Asked:
    return read_filters(query, known, whole=Selection(), language="pl")


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", ["koszalin", "szczecin", "autumn"]),
        ("county=3262", ["szczecin", "autumn"]),
        ("county=3262&county=3261", ["koszalin", "szczecin", "autumn"]),
        ("category=maritime", ["koszalin", "szczecin"]),
        ("category=maritime&county=3261", ["koszalin"]),
        ("category=food&category=film", ["koszalin", "autumn"]),
        ("from=2027-08-16", ["koszalin", "szczecin", "autumn"]),
        ("from=2027-08-17", ["autumn"]),
        ("to=2027-08-14", ["koszalin", "szczecin"]),
        ("to=2027-08-13", []),
        ("from=2027-10-02&to=2027-10-02", ["autumn"]),
    ],
)
def test_filters_take_what_section_6_says(query: str, ids: list[str], known: Known) -> None:
    selection = asked(query, known).selection

    assert [listing.id for listing in selection.of(PROGRAMME)] == ids


@pytest.mark.parametrize(
    ("query", "name", "code"),
    [
        ("conty=3262", "conty", "unknown_filter"),
        ("county=9999", "county", "unknown_value"),
        ("county=", "county", "unknown_value"),
        ("category=x", "category", "unknown_value"),
        ("lang=xx", "lang", "unknown_value"),
        ("lang=pl&lang=de", "lang", "only_once"),
        ("from=2027-02-30", "from", "not_a_date"),
        ("from=20270214", "from", "not_a_date"),
        ("from=2027-W01-1", "from", "not_a_date"),
        ("to=", "to", "not_a_date"),
        ("from=2027-08-02&to=2027-08-01", "to", "before_from"),
        ("county=%ff", "query", "not_readable"),
        ("&".join(["county=3262"] * 101), "query", "not_readable"),
    ],
)
def test_what_means_nothing_is_refused_by_name(query: str, name: str, code: str, known: Known) -> None:
    with pytest.raises(FilterRefused) as refused:
        asked(query, known)

    assert (refused.value.name, refused.value.code) == (name, code)


def test_two_spellings_of_one_selection_are_equal_and_have_one_query(known: Known) -> None:
    one = asked("county=3262&county=3261&lang=de&county=3262", known)
    other = asked("lang=de&county=3261&county=3262", known)

    assert one == other
    assert one.query("pl") == "lang=de&county=3261&county=3262"
    assert one.query("de") == "county=3261&county=3262"


def test_an_event_for_an_office_only_is_not_for_everybody() -> None:
    assert "berlin" not in [listing.id for listing in Selection().of(PROGRAMME)]
    assert "berlin" in [listing.id for listing in Selection("pot-berlin").of(PROGRAMME)]
    assert "berlin" not in [listing.id for listing in Selection("pot-wieden").of(PROGRAMME)]


def test_a_filter_narrows_what_a_channel_takes_at_all(known: Known) -> None:
    whole = Selection("pot-berlin", inside=Selection("pot-berlin", counties=("3261",)))

    everything = read_filters("", known, whole=whole, language="de").selection
    other_county = read_filters("county=3262", known, whole=whole, language="de").selection

    assert [listing.id for listing in everything.of(PROGRAMME)] == ["koszalin"]
    assert [listing.id for listing in other_county.of(PROGRAMME)] == []
