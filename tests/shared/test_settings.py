"""Settings: read once, from the environment, and refused by name, value and what is expected."""

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


def refusals(monkeypatch: pytest.MonkeyPatch, **settings: str) -> list[str]:
    """Give the lines in which settings are refused."""
    for name, value in settings.items():
        monkeypatch.setenv(f"KAL_{name.upper()}", value)
    with pytest.raises(SettingsBroken) as broken:
        read_settings(CommonSettings)
    return str(broken.value).splitlines()


def test_each_broken_setting_has_a_line_with_its_value_and_what_is_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "port": "osiem-tysięcy",
        "public_url": "kalendarium.example.org",
        "kafka_bootstrap": "kafka",
        "database_prefix": "a b",
        "log_level": "loud",
    }

    assert refusals(monkeypatch, **wrong) == [
        "KAL_DATABASE_PREFIX=a b: expected a text of the pattern '^[A-Za-z0-9_-]{1,40}$'",
        "KAL_KAFKA_BOOTSTRAP=kafka: expected Kafka's brokers as host:port, comma-separated",
        "KAL_PUBLIC_URL=kalendarium.example.org: expected a web address such as https://kalendarium.example.org",
        "KAL_LOG_LEVEL=loud: expected 'debug', 'info', 'warning' or 'error'",
        "KAL_PORT=osiem-tysięcy: expected a whole number from 0 to 65535",
    ]


@pytest.mark.parametrize("port", ["-1", "65536", "80.5", "1e3"])
def test_a_number_out_of_bounds_is_told_its_bounds(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    assert refusals(monkeypatch, port=port) == [f"KAL_PORT={port}: expected a whole number from 0 to 65535"]


@pytest.mark.parametrize("address", ["kal:hunter2@mongo:27017", "http://kal:hunter2@mongo", "mongodb://"])
def test_a_secret_is_never_told_even_where_it_is_what_is_wrong(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    assert refusals(monkeypatch, mongo_url=address) == [
        "KAL_MONGO_URL: expected a MongoDB connection string such as mongodb://host:27017/?replicaSet=rs0"
    ]


def test_a_password_in_another_address_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "hunter2" not in refusals(monkeypatch, public_url="https://kal:hunter2@example.org?x")[0]


@pytest.mark.parametrize("address", ["http://", "https://example.org:99999", "https://[::1", "https://x.example?y"])
def test_what_is_no_web_address_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    assert refusals(monkeypatch, public_url=address) == [
        f"KAL_PUBLIC_URL={address}: expected a web address such as https://kalendarium.example.org"
    ]


@pytest.mark.parametrize("brokers", ["kafka:9092", "a:1,b:2", "a:1, b:2", "[::1]:9092"])
def test_brokers_are_taken_as_kafka_writes_them(monkeypatch: pytest.MonkeyPatch, brokers: str) -> None:
    monkeypatch.setenv("KAL_KAFKA_BOOTSTRAP", brokers)

    assert read_settings(CommonSettings).kafka_bootstrap == brokers


def test_addresses_of_mixed_schemes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAL_PUBLIC_URL", "https://kalendarium.example.org")
    monkeypatch.setenv("KAL_INGEST_URL", "http://kalendarium.example.org")

    with pytest.raises(SettingsBroken) as broken:
        read_settings(CommonSettings)

    assert str(broken.value) == (
        "KAL_PUBLIC_URL=https://kalendarium.example.org, KAL_INGEST_URL=http://kalendarium.example.org, "
        "KAL_CALENDAR_URL=https://kalendarium.example.org: expected all to be http or all to be https"
    )


def test_the_database_address_is_not_shown() -> None:
    settings = CommonSettings(mongo_url="mongodb://kal:hunter2@mongo")

    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(
    "url",
    [
        "smtp://mail.example.org",
        "smtp://anna:a%40b@mail.example.org:587?starttls=true",
        "smtps://anna:x@mail.example.org/",
        "smtp://[::1]:1025?starttls=false",
    ],
)
def test_mail_server_is_an_address(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("KAL_SMTP_URL", url)

    assert read_settings(CommonSettings).smtp_url == url


@pytest.mark.parametrize(
    "url", ["mail.example.org", "https://mail.example.org", "smtp://", "smtp://mail:x", "smtp://mail?tls=1"]
)
def test_what_is_no_mail_server_is_refused_without_showing_its_password(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    assert refusals(monkeypatch, smtp_url=url) == [
        "KAL_SMTP_URL: expected a mail server such as smtp://user:password@host:587 or smtps://host"
    ]


def test_settings_do_not_show_the_password_of_the_mail_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAL_SMTP_URL", "smtp://anna:geheim@mail.example.org")

    assert "geheim" not in repr(read_settings(CommonSettings))


@pytest.mark.parametrize(
    ("public_url", "sender"),
    [
        ("https://kalendarium.example.org", "no-reply@kalendarium.example.org"),
        ("http://127.0.0.1:8000", "no-reply@localhost"),
        ("http://[::1]:8000", "no-reply@localhost"),
    ],
)
def test_mails_are_from_the_public_host(monkeypatch: pytest.MonkeyPatch, public_url: str, sender: str) -> None:
    monkeypatch.setenv("KAL_PUBLIC_URL", public_url)

    assert read_settings(CommonSettings).sender == sender


def test_sender_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAL_MAIL_FROM", "wydarzenia@zrot.pl")

    assert read_settings(CommonSettings).sender == "wydarzenia@zrot.pl"
    assert refusals(monkeypatch, mail_from="ZROT <wydarzenia@zrot.pl>") == [
        "KAL_MAIL_FROM=ZROT <wydarzenia@zrot.pl>: expected a mail address such as kalendarium@example.org"
    ]
