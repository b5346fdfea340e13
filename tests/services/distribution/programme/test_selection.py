from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.distribution.feeds.front import build_vocabulary
from services.distribution.programme.selection import (
    InvalidFilter,
    Query,
    Selection,
    Vocabulary,
    parse_filters,
    parse_filters_leniently,
)
from tests.services.distribution.builders import make_message, make_programme, make_region

PROGRAMME = make_programme(
    [
        make_message("szczecin", venue={"town": "Szczecin", "county": "3262"}, audience=["families", "seniors"]),
        make_message(
            "koszalin",
            venue={"town": "Koszalin", "county": "3261"},
            category="food",
            also=["maritime"],
            setting=["indoors", "new_code"],
        ),
        make_message(
            "autumn", category="food", dates={"certainty": "exact", "start": "2027-10-01", "end": "2027-10-03"}
        ),
        make_message("berlin", category="film", channels=["pot-berlin"]),
    ]
)


@pytest.fixture(scope="module")
def known() -> Vocabulary:
    return build_vocabulary(make_region())


def asked(query: str, known: Vocabulary) -> Query:
    return parse_filters(query, known, base=Selection(), language="pl")


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", ["koszalin", "szczecin", "autumn"]),
        ("county=3262", ["szczecin", "autumn"]),
        ("county=3262&county=3261", ["koszalin", "szczecin", "autumn"]),
        ("category=maritime", ["koszalin", "szczecin"]),
        ("category=maritime&county=3261", ["koszalin"]),
        ("category=food&category=film", ["koszalin", "autumn"]),
        ("audience=seniors&audience=children", ["szczecin"]),
        ("audience=school_groups", []),
        ("setting=indoors", ["koszalin"]),
        ("setting=indoors&audience=families", []),
        ("from=2027-08-16", ["koszalin", "szczecin", "autumn"]),
        ("from=2027-08-17", ["autumn"]),
        ("to=2027-08-14", ["koszalin", "szczecin"]),
        ("to=2027-08-13", []),
        ("from=2027-10-02&to=2027-10-02", ["autumn"]),
    ],
)
def test_filters_take_what_section_6_says(query: str, ids: list[str], known: Vocabulary) -> None:
    selection = asked(query, known).selection

    assert [listing.id for listing in selection.filter(PROGRAMME)] == ids


@pytest.mark.parametrize(
    ("query", "name", "code"),
    [
        ("conty=3262", "conty", "unknown_filter"),
        ("county=9999", "county", "unknown_value"),
        ("category=x", "category", "unknown_value"),
        ("audience=new_code", "audience", "unknown_value"),
        ("setting=both", "setting", "unknown_value"),
        ("lang=xx", "lang", "unknown_value"),
        ("lang=pl&lang=de", "lang", "only_once"),
        ("from=2027-02-30", "from", "not_a_date"),
        ("from=20270214", "from", "not_a_date"),
        ("from=2027-W01-1", "from", "not_a_date"),
        ("from=2027-08-02&to=2027-08-01", "to", "before_from"),
        ("county=%ff", "query", "not_readable"),
        ("&".join(["county=3262"] * 101), "query", "not_readable"),
    ],
)
def test_what_means_nothing_is_refused_by_name(query: str, name: str, code: str, known: Vocabulary) -> None:
    with pytest.raises(InvalidFilter) as refused:
        asked(query, known)

    assert (refused.value.name, refused.value.code) == (name, code)


@pytest.mark.parametrize(
    "query", ["county=&category=&from=&to=&lang=", "fbclid=x", "UTM_Source=x&utm_id=&gclid=y&msclkid=z&mc_eid=1&_ga=2"]
)
def test_empty_values_and_whence_a_click_came_ask_for_nothing(query: str, known: Vocabulary) -> None:
    assert asked(query, known) == asked("", known)


@pytest.mark.parametrize(
    ("query", "codes", "left"),
    [
        ("county=9999&category=maritime", {"county": "unknown_value"}, "category=maritime"),
        ("county=9999&county=3262&county=x", {"county": "unknown_value"}, "county=3262"),
        ("category=x&from=2027-08-01", {"category": "unknown_value"}, "from=2027-08-01"),
        ("audience=x&setting=indoors", {"audience": "unknown_value"}, "setting=indoors"),
        ("from=2027-02-30&to=2027-08-01", {"from": "not_a_date"}, "to=2027-08-01"),
        ("from=20270801", {"from": "not_a_date"}, ""),
        ("from=2027-08-02&to=2027-08-01&county=3262", {"to": "before_from"}, "county=3262"),
        ("from=2027-08-02&from=2027-08-03", {}, "from=2027-08-02"),
        ("conty=3262&fbclid=x&county=", {}, ""),
    ],
)
def test_what_means_nothing_on_a_page_is_told_and_the_rest_applies(
    query: str, codes: dict[str, str], left: str, known: Vocabulary
) -> None:
    found, refused = parse_filters_leniently(parse_qsl(query), known, language="pl")

    assert ({each.name: each.code for each in refused}, found.encode("pl")) == (codes, left)


@given(st.lists(st.tuples(st.sampled_from(["county", "category", "setting", "from", "to", "x"]), st.text(max_size=10))))
def test_no_query_of_a_page_is_a_dead_end(pairs: list[tuple[str, str]]) -> None:
    found, _ = parse_filters_leniently(pairs, Vocabulary(("3262",), ("maritime",), ("pl",)), language="pl")

    assert not (found.selection.first and found.selection.last and found.selection.first > found.selection.last)


def test_two_spellings_of_one_selection_are_equal_and_have_one_query(known: Vocabulary) -> None:
    one = asked("county=3262&county=3261&lang=de&county=3262", known)
    other = asked("lang=de&county=3261&county=3262", known)

    assert one == other
    assert one.encode("pl") == "lang=de&county=3261&county=3262"
    assert one.encode("de") == "county=3261&county=3262"


@pytest.mark.parametrize("tag", ["de", "DE", "De", "de-DE", "de-at", "de_CH", "DE-Latn-DE-1996"])
def test_a_language_is_read_from_any_tag_of_it(tag: str, known: Vocabulary) -> None:
    assert asked(f"lang={tag}", known) == asked("lang=de", known)


@pytest.mark.parametrize(
    "tag", ["xx", "xx-DE", "d", "deu", "de-", "-de", "de-DE-", "de,en", "de DE", "de;q=1", "\u017fv"]
)
def test_what_is_no_tag_of_a_language_we_know_is_refused(tag: str, known: Vocabulary) -> None:
    with pytest.raises(InvalidFilter) as refused:
        asked(urlencode({"lang": tag}), known)

    assert (refused.value.value, refused.value.code) == (tag, "unknown_value")


def test_an_event_for_an_office_only_is_not_for_everybody() -> None:
    assert "berlin" not in [listing.id for listing in Selection().filter(PROGRAMME)]
    assert "berlin" in [listing.id for listing in Selection("pot-berlin").filter(PROGRAMME)]
    assert "berlin" not in [listing.id for listing in Selection("pot-wieden").filter(PROGRAMME)]


def test_a_filter_narrows_what_a_channel_takes_at_all(known: Vocabulary) -> None:
    whole = Selection("pot-berlin", within=Selection("pot-berlin", counties=("3261",)))

    everything = parse_filters("", known, base=whole, language="de").selection
    other_county = parse_filters("county=3262", known, base=whole, language="de").selection

    assert [listing.id for listing in everything.filter(PROGRAMME)] == ["koszalin"]
    assert [listing.id for listing in other_county.filter(PROGRAMME)] == []
