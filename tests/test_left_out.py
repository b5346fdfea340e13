import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TWO_TESTS = """
import pytest
from tests.support.left_out import leave_out

@pytest.fixture(scope="session")
def moon(request):
    leave_out("moon", "No moon found: wait until night.")

def test_tide(moon): pass
def test_eclipse(moon): pass
"""


def run_two_tests(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_moon.py").write_text(TWO_TESTS)
    (folder / "pytest.ini").write_text("[pytest]\n")
    plugin = ("-p", "tests.support.left_out")
    command = [sys.executable, "-m", "pytest", *plugin, "--rootdir", str(folder), *options, str(folder)]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("KAL_", "PYTEST_"))}
    return subprocess.run(  # noqa: S603 - our own interpreter
        command, cwd=ROOT, env=inherited | environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def line() -> str:
    return "LEFT OUT: 2 tests for want of moon: No moon found: wait until night."


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["one by one", "in workers"])
def test_left_out_tests_pass_with_one_loud_line_for_all(options: tuple[str, ...], tmp_path: Path, line: str) -> None:
    run = run_two_tests(tmp_path, *options)

    assert (run.returncode, run.stdout.count(line)) == (0, 1)


def test_left_out_tests_fail_where_they_are_required(tmp_path: Path, line: str) -> None:
    run = run_two_tests(tmp_path, KAL_REQUIRE_MOON="1")

    assert (run.returncode, run.stdout.count(line)) == (1, 0)
    assert "Required, and not to be had: moon: No moon found: wait until night." in run.stdout
