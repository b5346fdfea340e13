from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deploy.local.kafka_jars import DownloadFailed, MavenNotFound, ensure_kafka_jars

# Makes one jar where it was told to, notes that it ran, and takes long enough for another to have to wait.
FETCH = """echo ran >> "$(dirname "$0")/runs"
for word; do case "$word" in -DoutputDirectory=*) folder="${word#*=}" ;; esac; done
sleep 0.2; mkdir -p "$folder"; echo jar > "$folder/kafka.jar"
"""
REFUSE = 'mkdir -p "${7#*=}"; echo "[ERROR] Could not resolve kafka_2.13"; echo "[ERROR] more"; exit 1\n'


def make_path(folder: Path, *, maven: str | None) -> str:
    """A PATH with the shell's own commands, a Java, and a Maven that runs the ``maven`` script, if any."""
    folder.mkdir()
    scripts = {"java": "echo 'openjdk version \"17\"' >&2\n"} | ({"mvn": maven} if maven else {})
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}")
        (folder / name).chmod(0o755)
    return str(folder)


def test_jars_are_fetched_once(tmp_path: Path) -> None:
    path = make_path(tmp_path / "bin", maven=FETCH)

    for _ in range(2):
        folder = ensure_kafka_jars(tmp_path / "libs", path=path)

    assert [jar.name for jar in folder.glob("*.jar")] == ["kafka.jar"]
    assert (tmp_path / "bin" / "runs").read_text() == "ran\n"


def test_of_two_who_ask_at_once_one_fetches_and_the_other_waits(tmp_path: Path) -> None:
    path = make_path(tmp_path / "bin", maven=FETCH)

    with ThreadPoolExecutor(2) as both:
        folders = list(both.map(lambda _: ensure_kafka_jars(tmp_path / "libs", path=path), range(2)))

    assert [(folder / "kafka.jar").exists() for folder in folders] == [True, True]
    assert (tmp_path / "bin" / "runs").read_text() == "ran\n"


def test_jars_of_another_release_are_replaced(tmp_path: Path) -> None:
    path = make_path(tmp_path / "bin", maven=FETCH)
    (tmp_path / "libs").mkdir()
    (tmp_path / "libs" / "old.jar").write_text("jar")
    (tmp_path / "libs" / "pom.sha256").write_text("of another POM")

    folder = ensure_kafka_jars(tmp_path / "libs", path=path)

    assert [jar.name for jar in folder.glob("*.jar")] == ["kafka.jar"]


def test_failed_fetch_quotes_maven_and_leaves_no_jars(tmp_path: Path) -> None:
    path = make_path(tmp_path / "bin", maven=REFUSE)

    with pytest.raises(DownloadFailed) as failure:
        ensure_kafka_jars(tmp_path / "libs", path=path)

    assert str(failure.value) == "Maven could not fetch Kafka's jars: [ERROR] Could not resolve kafka_2.13"
    assert not (tmp_path / "libs").exists()


def test_missing_maven_is_one_line_that_says_how_to_get_it(tmp_path: Path) -> None:
    path = make_path(tmp_path / "bin", maven=None)

    with pytest.raises(MavenNotFound) as absence:
        ensure_kafka_jars(tmp_path / "libs", path=path)

    assert str(absence.value) == "No Maven found to fetch Kafka with: on Debian and Ubuntu run apt-get install maven."
