"""The region pack of West Pomerania as it is, and packs that are broken."""

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from shared.event.facts_at_once import FACTS
from shared.event.vocabulary import LICENCES
from shared.i18n.languages import LANGUAGES
from shared.region import FactCode, LicenceCode, Region, RegionPackBroken, load_region

PACK = Path(__file__).parents[2] / "deploy" / "region"
FIVE_LANGUAGES = {"pl", "en", "de", "cs", "uk"}


@pytest.fixture(scope="module", name="region")
def region_fixture() -> Region:
    return load_region(PACK)


@pytest.fixture(name="pack")
def pack_fixture(tmp_path: Path) -> Path:
    """A copy of the pack that a test may break."""
    return Path(shutil.copytree(PACK, tmp_path / "region"))


def rewrite(file: Path, change: Callable[[Any], object]) -> None:
    """Change what a JSON file of a pack holds."""
    held = json.loads(file.read_text(encoding="utf-8"))
    change(held)
    file.write_text(json.dumps(held), encoding="utf-8")


def refusal(pack: Path) -> RegionPackBroken:
    """Load a broken pack and give what is said of it."""
    with pytest.raises(RegionPackBroken) as refused:
        load_region(pack)
    return refused.value


# What West Pomerania is


def test_region_says_where_and_when_it_is(region: Region) -> None:
    assert (region.slug, region.teryt, region.time_zone.key) == ("west-pomerania", "32", "Europe/Warsaw")


def test_region_has_the_uid_domain_that_feeds_were_given_out_with(region: Region) -> None:
    assert region.uid_domain == "kalendarium.zrot.pl"


def test_region_is_curated_by_zrot(region: Region) -> None:
    assert region.curator.slug == "zrot"
    assert region.get_publisher_label("en") == "West Pomeranian Regional Tourist Organisation"


def test_region_has_a_name_and_a_publisher_in_five_languages(region: Region) -> None:
    assert set(region.name) == set(region.publisher) == FIVE_LANGUAGES


def test_region_knows_the_languages_of_site_feeds_and_texts(region: Region) -> None:
    assert region.languages.default == "pl"
    assert region.languages.site == ("pl", "en", "de")
    assert region.languages.feeds == ("pl", "en", "de", "cs", "uk")
    assert region.languages.texts == ("pl", "en", "de")


def test_region_has_all_21_counties_of_the_voivodeship(region: Region) -> None:
    assert list(region.counties) == [*(f"32{number:02}" for number in range(1, 19)), "3261", "3262", "3263"]


def test_counties_lie_in_the_voivodeship(region: Region) -> None:
    outside = [each for each in region.counties.values() if not (52.6 < each.lat < 54.6 and 14.1 < each.lon < 17)]
    assert outside == []


def test_county_label_falls_back_to_english(region: Region) -> None:
    assert region.counties["3208"].get_label("de") == "Landkreis Kołobrzeg"
    assert region.counties["3208"].get_label("uk") == "Kołobrzeg County"


def test_region_knows_in_which_counties_a_town_of_any_spelling_lies(region: Region) -> None:
    assert region.find_counties("KOLOBRZEG") == {"3208"}
    assert region.find_counties("Dobra") == {"3211", "3218"}
    assert region.find_counties("Dobra (Szczecińska)") == {"3211"}
    assert region.find_counties("Połczyn  Zdrój") == {"3216"}
    assert region.find_counties("Gdańsk") == frozenset()


def test_every_county_has_a_municipality(region: Region) -> None:
    assert frozenset().union(*region.towns.values()) == set(region.counties)


def test_a_pack_may_leave_its_municipalities_out(pack: Path) -> None:
    (pack / "municipalities.json").unlink()

    assert load_region(pack).find_counties("Szczecin") == frozenset()


def test_four_eyes_is_the_rule_unless_a_pack_says_otherwise(pack: Path) -> None:
    file = pack / "region.toml"
    written = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("four_eyes")]

    file.write_text("\n".join(written), encoding="utf-8")
    silent = load_region(pack).four_eyes
    file.write_text("\n".join(["four_eyes = false", *written]), encoding="utf-8")

    assert (silent, load_region(pack).four_eyes) == (True, False)


def test_curator_is_named_with_the_address_of_a_pack_that_has_one(pack: Path) -> None:
    file = pack / "region.toml"
    written = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("email")]

    file.write_text("\n".join(written), encoding="utf-8")
    silent = load_region(pack)
    file.write_text("\n".join(["email = 'biuro+x%y@źródło.example'", *written]), encoding="utf-8")
    told = load_region(pack)

    assert (silent.contact, silent.mailto) == (silent.curator.name, "")
    assert told.contact == f"{silent.curator.name}, biuro+x%y@xn--rdo-gna01bwk.example"
    assert told.mailto == "mailto:biuro%2Bx%25y@xn--rdo-gna01bwk.example"


def test_a_pack_may_state_a_licence_that_we_know(pack: Path) -> None:
    file = pack / "region.toml"
    written = file.read_text(encoding="utf-8")
    silent = load_region(pack).licence

    file.write_text(f'licence = "CC-BY-4.0"\n{written}', encoding="utf-8")
    stated = load_region(pack).licence
    file.write_text(f'licence = "CC-BY-NC-4.0"\n{written}', encoding="utf-8")

    assert (silent, stated, refusal(pack).field) == (None, "CC-BY-4.0", "licence")


def test_a_pack_may_list_facts_at_once_and_lists_none_otherwise(pack: Path) -> None:
    file = pack / "region.toml"
    written = file.read_text(encoding="utf-8")
    listed = load_region(pack).facts_at_once
    without, _, rest = written.partition("[facts_at_once]")
    file.write_text(without + rest.partition("\n\n")[2], encoding="utf-8")
    silent = load_region(pack).facts_at_once
    file.write_text(written.replace('["dates", "status",', '["title",'), encoding="utf-8")

    assert (listed, silent) == (frozenset(FACTS), frozenset())
    assert refusal(pack).field == "facts_at_once.fields[0]"


def test_the_facts_of_packs_are_those_of_events() -> None:
    assert get_args(FactCode) == FACTS


def test_the_licences_of_packs_are_those_of_events() -> None:
    assert get_args(LicenceCode) == tuple(LICENCES)


def test_a_municipality_of_an_unknown_county_is_named(pack: Path) -> None:
    rewrite(pack / "municipalities.json", lambda towns: towns[0].update(teryt="2201011"))
    assert str(refusal(pack)) == (
        "The region pack cannot be used: municipalities.json, field 2201011.teryt: there is no county 2201."
    )


def test_region_has_22_categories_named_in_five_languages(region: Region) -> None:
    assert len(region.categories) == 22
    assert {frozenset(each.name) for each in region.categories.values()} == {frozenset(FIVE_LANGUAGES)}


def test_organisations_keep_what_was_verified(region: Region) -> None:
    unverified = [slug for slug, each in region.organisations.items() if not each.verified]
    assert len(region.organisations) == 86
    assert unverified == ["klot-kolobrzeg", "lot-goleniow", "lot-mysliborz-barlinek", "swinoujscie-lot"]


def test_verified_organisations_name_their_source(region: Region) -> None:
    assert [each.slug for each in region.organisations.values() if each.verified and not each.source] == []


def test_channels_are_the_active_offices_whose_country_is_verified(region: Region) -> None:
    assert list(region.channels) == [
        "pot-berlin",
        "pot-wieden",
        "pot-bruksela",
        "pot-amsterdam",
        "pot-londyn",
        "pot-paryz",
        "pot-rzym",
        "pot-madryt",
        "pot-sztokholm",
        "pot-budapeszt",
        "pot-kijow",
        "pot-nowy-jork",
        "pot-tokio",
        "pot-pekin",
    ]


def test_channels_are_not_confirmed_by_pot(region: Region) -> None:
    assert Counter(each.confirmed_by_pot for each in region.channels.values()) == {False: 14}


def test_channels_take_the_whole_programme(region: Region) -> None:
    assert {(each.selection.county, each.selection.category) for each in region.channels.values()} == {((), ())}


def test_channel_names_are_ours_in_five_languages(region: Region) -> None:
    assert {frozenset(each.name) for each in region.channels.values()} == {frozenset(FIVE_LANGUAGES)}
    assert region.channels["pot-wieden"].get_label("de") == "POT Wien"


@pytest.mark.parametrize(
    ("slug", "language"),
    [
        ("pot-berlin", "de"),
        ("pot-sztokholm", "en"),  # Swedish first, but English is the first in which there are texts
        ("pot-bruksela", "fr"),  # neither French nor Dutch texts: the first, with marked fallback
        ("pot-kijow", "uk"),
        ("pot-tokio", "ja"),
    ],
)
def test_channel_feed_has_its_first_language_with_texts_or_else_its_first(
    region: Region, slug: str, language: str
) -> None:
    assert region.channels[slug].feed_language == language


def test_channel_languages_are_all_known(region: Region) -> None:
    assert {code for each in region.channels.values() for code in each.languages} <= set(LANGUAGES)


@pytest.mark.parametrize("file", sorted(PACK.glob("*.json")), ids=lambda file: file.name)
def test_pack_files_are_pretty_and_readable(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=2) + "\n"


# Packs that are broken


def test_load_region_refuses_a_missing_file(pack: Path) -> None:
    (pack / "channels.json").unlink()
    assert str(refusal(pack)) == "The region pack cannot be used: channels.json: No such file or directory."


def test_load_region_refuses_what_is_not_json(pack: Path) -> None:
    (pack / "counties.json").write_text("[{]", encoding="utf-8")
    assert refusal(pack).file == "counties.json"


def test_load_region_refuses_what_is_not_toml(pack: Path) -> None:
    (pack / "region.toml").write_text("slug = ", encoding="utf-8")
    assert refusal(pack).file == "region.toml"


def test_load_region_refuses_what_is_not_utf_8(pack: Path) -> None:
    (pack / "region.toml").write_bytes("slug = 'Łobez'".encode("iso-8859-2"))
    assert refusal(pack).file == "region.toml"


def test_load_region_names_the_field_of_a_wrong_type(pack: Path) -> None:
    rewrite(pack / "counties.json", lambda counties: counties[3].update(seat=7))
    assert str(refusal(pack)) == (
        "The region pack cannot be used: counties.json, field [3].seat: Expected `str`, got `int`."
    )


def test_load_region_refuses_a_field_that_nobody_knows(pack: Path) -> None:
    rewrite(pack / "organisations.json", lambda organisations: organisations[0].update(webstie="https://example.org"))
    assert (refusal(pack).file, refusal(pack).field) == ("organisations.json", "[0]")


def test_load_region_refuses_a_name_without_polish(pack: Path) -> None:
    rewrite(pack / "categories.json", lambda categories: categories[1]["name"].pop("pl"))
    assert str(refusal(pack)) == (
        "The region pack cannot be used: categories.json, field [1]: a Polish text is missing."
    )


def test_load_region_refuses_a_language_it_does_not_know(pack: Path) -> None:
    rewrite(pack / "counties.json", lambda counties: counties[0]["name"].update(xx="Kreis"))
    assert str(refusal(pack)) == "The region pack cannot be used: counties.json, field [0]: unknown language xx."


def test_load_region_refuses_a_channel_in_a_language_it_does_not_know(pack: Path) -> None:
    rewrite(pack / "channels.json", lambda channels: channels[2].update(languages=["xx"]))
    assert str(refusal(pack)) == "The region pack cannot be used: channels.json, field [2]: unknown language xx."


def test_load_region_refuses_a_slug_that_stands_twice(pack: Path) -> None:
    rewrite(pack / "categories.json", lambda categories: categories.append(categories[0]))
    assert (refusal(pack).file, refusal(pack).field) == ("categories.json", "[22].slug")


def test_load_region_refuses_a_county_of_another_voivodeship(pack: Path) -> None:
    rewrite(pack / "counties.json", lambda counties: counties[0].update(teryt="2201"))
    assert str(refusal(pack)) == (
        "The region pack cannot be used: counties.json, field teryt: 2201 is not in voivodeship 32."
    )


def test_load_region_refuses_an_organisation_in_an_unknown_county(pack: Path) -> None:
    rewrite(pack / "organisations.json", lambda organisations: organisations[0].update(county="3299"))
    assert (refusal(pack).file, refusal(pack).field) == ("organisations.json", "bno.county")


def test_load_region_refuses_a_selection_of_an_unknown_county(pack: Path) -> None:
    rewrite(pack / "channels.json", lambda channels: channels[0]["selection"].update(county=["3299"]))
    assert (refusal(pack).file, refusal(pack).field) == ("channels.json", "pot-berlin.selection.county")


def test_load_region_refuses_a_selection_of_an_unknown_category(pack: Path) -> None:
    rewrite(pack / "channels.json", lambda channels: channels[0]["selection"].update(category=["opera"]))
    assert (refusal(pack).file, refusal(pack).field) == ("channels.json", "pot-berlin.selection.category")


@pytest.mark.parametrize(
    ("written", "instead", "field"),
    [
        ('"Europe/Warsaw"', '"Europe/Szczecin"', "time_zone"),
        ('curator = "zrot"', 'curator = "nobody"', "curator"),
        ('"kalendarium.zrot.pl"', '"https://zrot.pl/"', "uid_domain"),
        ('default = "pl"', 'default = "xx"', "languages"),
        ("# email =", 'email = "kontakt at zrot" #', ""),
        ("# email =", 'email = "kontakt@zrot.example\\nBcc: all@zrot.example" #', ""),
    ],
)
def test_load_region_refuses_a_region_that_cannot_be(pack: Path, written: str, instead: str, field: str) -> None:
    file = pack / "region.toml"
    file.write_text(file.read_text(encoding="utf-8").replace(written, instead), encoding="utf-8")
    assert (refusal(pack).file, refusal(pack).field) == ("region.toml", field)
