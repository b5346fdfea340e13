"""Settings: read once, from the environment, and refused in words that name the variable and hide its value."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.settings import CommonSettings, SettingsBroken, read_settings


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in CommonSettings.model_fields:
        monkeypatch.delenv(f"KAL_{name.upper()}", raising=False)


def test_settings_without_an_environment_are_those_of_a_laptop() -> None:
    settings = read_settings(CommonSettings)

    assert settings.mongo_url == "mongodb://127.0.0.1:27017"
    assert settings.kafka_bootstrap is None
    assert settings.public_url == settings.ingest_url == settings.calendar_url == "http://127.0.0.1:8000"
    assert settings.region == Path("deploy/region")
    assert settings.https is False


def test_a_setting_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAL_KAFKA_BOOTSTRAP", "kafka:9092")
    monkeypatch.setenv("KAL_PORT", "8003")

    settings = read_settings(CommonSettings)

    assert (settings.kafka_bootstrap, settings.port) == ("kafka:9092", 8003)


def test_an_empty_variable_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAL_KAFKA_BOOTSTRAP", "")

    assert read_settings(CommonSettings).kafka_bootstrap is None


def test_the_addresses_of_the_staff_default_to_the_public_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAL_PUBLIC_URL", "https://kalendarium.example.org/")
    monkeypatch.setenv("KAL_CALENDAR_URL", "https://decyzje.example.org")

    settings = read_settings(CommonSettings)

    assert settings.ingest_url == "https://kalendarium.example.org"
    assert settings.calendar_url == "https://decyzje.example.org"
    assert settings.https is True


def test_a_service_has_a_database_of_its_own() -> None:
    assert CommonSettings(database_prefix="proba").database("ingest") == "proba_ingest"


def test_broken_settings_have_one_line_each_without_their_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAL_PORT", "osiem-tysięcy")
    monkeypatch.setenv("KAL_PUBLIC_URL", "kalendarium.example.org")

    with pytest.raises(SettingsBroken) as broken:
        read_settings(CommonSettings)

    lines = str(broken.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == ["KAL_PUBLIC_URL", "KAL_PORT"]
    assert "osiem-tysięcy" not in str(broken.value)


def test_addresses_of_mixed_schemes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAL_PUBLIC_URL", "https://kalendarium.example.org")
    monkeypatch.setenv("KAL_INGEST_URL", "http://kalendarium.example.org")

    with pytest.raises(SettingsBroken, match="all be http or all be https"):
        read_settings(CommonSettings)


def test_the_database_address_is_not_shown() -> None:
    settings = CommonSettings(mongo_url="mongodb://kal:hunter2@mongo")

    assert "hunter2" not in repr(settings)
