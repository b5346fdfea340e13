from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.scheduling import LONG, SHARING, group

ROOT = Path(__file__).parents[1]


def test_tests_of_a_module_are_played_together() -> None:
    module = "tests/shared/observability/test_tracing.py"

    assert group(f"{module}::test_one[a::b]") == group(f"{module}::TestTwo::test_three") == module


def test_modules_that_share_are_played_together() -> None:
    assert group("tests/browser/test_look.py::test_a") == group("tests/browser/test_print.py::test_b")


@pytest.mark.parametrize("path", SHARING)
def test_what_shares_is_there(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("name", LONG)
def test_what_is_long_is_there(name: str) -> None:
    assert name in SHARING.values() or (ROOT / name).is_file()
