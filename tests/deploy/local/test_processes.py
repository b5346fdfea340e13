import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.errors import ExitedEarly, StartTimeout
from deploy.local.polling import poll_until
from deploy.local.processes import Child, start_all, stop_all

ROOT = Path(__file__).parents[3]
SAY_READY_AND_SLEEP = "print('ready', flush=True); import time; time.sleep(60)"
IGNORE_SIGTERM = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SAY_READY_AND_SLEEP}"
only_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")

MakeChild = Callable[..., Child]


@pytest.fixture
def make_child(tmp_path: Path) -> Iterator[MakeChild]:
    """Makes children that run a line of Python, ready once they have said so; all are gone afterwards."""
    made: list[Child] = []

    def make(code: str = SAY_READY_AND_SLEEP, *, ready_within: float = 10) -> Child:
        name = f"child-{len(made) + 1}"
        log = tmp_path / f"{name}.log"
        command = [sys.executable, "-c", code]
        made.append(
            Child(name, command, log=log, ready=lambda: b"ready" in log.read_bytes(), ready_within=ready_within)
        )
        return made[-1]

    yield make
    for child in made:
        child.kill()


def state_of(pid: int) -> str:
    """The kernel's letter for what a process does (S sleeping, T stopped), or "gone"."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "gone"


def test_child_runs_from_entering_to_leaving(make_child: MakeChild) -> None:
    with make_child() as child:
        inside = child.running

    assert (inside, child.running, child.exit_code) == (True, False, -signal.SIGTERM)


def test_child_that_was_never_started_has_no_pid_and_stops_silently(make_child: MakeChild) -> None:
    child = make_child()

    child.stop()
    child.kill()

    with pytest.raises(LookupError, match="child-1 was never started"):
        _ = child.pid


def test_child_that_ends_before_it_is_ready_is_quoted(make_child: MakeChild, tmp_path: Path) -> None:
    child = make_child("raise SystemExit('no such region')")

    with pytest.raises(ExitedEarly) as failure:
        child.start()

    log = tmp_path / "child-1.log"
    assert str(failure.value) == (
        f"child-1 ended with code 1 before it was ready; it said: no such region (log: {log})"
    )


def test_program_that_does_not_exist_is_named(tmp_path: Path) -> None:
    child = Child("mongod", ["/nowhere/mongod"], log=tmp_path / "log", ready=lambda: False)

    with pytest.raises((ExitedEarly, FileNotFoundError), match=r"/nowhere/mongod.*No such file"):
        child.start()


def test_child_that_does_not_answer_in_time_is_killed(make_child: MakeChild) -> None:
    child = make_child("import time; time.sleep(60)", ready_within=0.3)

    with pytest.raises(StartTimeout, match="child-1 was not ready within 0 s"):
        child.start()

    assert child.exit_code == -signal.SIGKILL


def test_child_that_ignores_sigterm_is_killed_after_the_deadline(make_child: MakeChild) -> None:
    child = make_child(IGNORE_SIGTERM)
    child.start()

    child.stop(within=0.2)

    assert child.exit_code == -signal.SIGKILL


@only_linux
def test_suspended_child_stands_still_until_resumed(make_child: MakeChild) -> None:
    child = make_child()
    child.start()

    child.suspend()
    stands_still = poll_until(lambda: state_of(child.pid) == "T", within=5)
    child.resume()
    goes_on = poll_until(lambda: state_of(child.pid) == "S", within=5)

    assert (stands_still, goes_on) == (True, True)


def test_suspended_child_heeds_a_stop(make_child: MakeChild) -> None:
    child = make_child()
    child.start()
    child.suspend()

    child.stop(within=10)

    assert child.exit_code == -signal.SIGTERM


def test_killed_child_can_be_started_again(make_child: MakeChild) -> None:
    child = make_child()
    child.start()
    first = child.pid

    child.kill()
    child.start()

    assert child.running
    assert child.pid != first


def test_failed_second_start_quotes_nothing_of_the_first(make_child: MakeChild, tmp_path: Path) -> None:
    (tmp_path / "child-1.log").write_text("ERROR of another time\n")
    child = make_child("raise SystemExit('mishap')")

    with pytest.raises(ExitedEarly, match="it said: mishap"):
        child.start()


def test_ctrl_c_at_the_terminal_does_not_reach_a_child(make_child: MakeChild) -> None:
    with make_child() as child:
        assert os.getpgid(child.pid) != os.getpgid(0)


def test_of_several_none_is_left_when_one_fails(make_child: MakeChild) -> None:
    sound, broken = make_child(), make_child("raise SystemExit(1)")

    with pytest.raises(ExitedEarly):
        start_all([sound, broken])

    assert (sound.running, broken.running) == (False, False)


def test_several_are_stopped_within_one_deadline(make_child: MakeChild) -> None:
    children = [make_child(), make_child(IGNORE_SIGTERM)]
    start_all(children)

    stop_all(children, within=0.3)

    assert [child.exit_code for child in children] == [-signal.SIGTERM, -signal.SIGKILL]


def test_child_started_by_a_thread_outlives_it(make_child: MakeChild) -> None:
    child = make_child()
    thread = threading.Thread(target=child.start)

    thread.start()
    thread.join()

    assert not poll_until(lambda: not child.running, within=0.5)


@only_linux
def test_child_goes_away_with_its_killed_parent(tmp_path: Path) -> None:
    code = f"""
import time
from pathlib import Path
from deploy.local.processes import Child
with Child("sleep", ["sleep", "60"], log=Path({str(tmp_path / "log")!r}), ready=lambda: True) as child:
    print(child.pid, flush=True)
    time.sleep(60)
"""
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:  # noqa: S603 - our own
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        alive = state_of(child)
        parent.kill()

    assert alive != "gone"
    assert poll_until(lambda: state_of(child) in {"gone", "Z"}, within=5)
