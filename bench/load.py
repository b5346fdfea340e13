"""Makes load on a core of its own: by ``wrk`` where it is installed, else by our own client."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.client import Outcome, Request, Task
from bench.cores import load_core, on
from bench.rounds import percentile

WARM_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a server did under load."""

    answers: int
    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    failures: int


class NoFigure(Exception):
    """What was to be measured did not happen, or not as it had to; a figure would say nothing."""


def tool() -> str:
    """Name what makes the load."""
    return "wrk" if shutil.which("wrk") else "our own client (bench/client.py), which costs more than wrk"


def press(request: Request, *, connections: int, seconds: float) -> Pressed:
    """Ask as fast as the server answers, as many times as fit into the time.

    Raises:
        NoFigure: if any request was refused or got no answer.

    """
    how = _by_wrk if shutil.which("wrk") else _by_client
    return _complete(request, how(request, connections, seconds))


def ask_times(request: Request, *, count: int, connections: int = 1, seconds: float = 60.0) -> Pressed:
    """Ask a number of times and wait for every answer, so that nothing is left queued in a slow server.

    Raises:
        NoFigure: if any request was refused or got no answer.

    """
    return _complete(request, _client(Task(request, connections, seconds, count)))


def _complete(request: Request, pressed: Pressed) -> Pressed:
    if pressed.failures or not pressed.per_second:
        raise NoFigure(f"{request.method} {request.url}: {pressed.failures} answers were refusals, or none came")
    return pressed


def _by_client(request: Request, connections: int, seconds: float) -> Pressed:
    return _client(Task(request, connections, seconds))


def _client(task: Task) -> Pressed:
    command = [*on(load_core()), sys.executable, "-m", "bench.client"]
    done = subprocess.run(command, input=msgspec.json.encode(task), capture_output=True, check=False)  # noqa: S603 - our own program
    if done.returncode:
        raise NoFigure(f"{task.request.url}: {done.stderr.decode(errors='replace').strip().splitlines()[-1]}")
    return pressed_by(msgspec.json.decode(done.stdout, type=Outcome))


def pressed_by(outcome: Outcome) -> Pressed:
    """Sum up what a client of ours found."""
    p50, p95, p99 = (percentile(outcome.milliseconds, share) for share in (0.50, 0.95, 0.99))
    answers = len(outcome.milliseconds)
    return Pressed(answers, answers / outcome.seconds, p50, p95, p99, outcome.failures)


def _by_wrk(request: Request, connections: int, seconds: float) -> Pressed:
    with tempfile.TemporaryDirectory() as folder:
        command = [*on(load_core()), "wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s"]
        command += ["--timeout", "30s", "-s", str(_script(request, Path(folder))), request.url]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds + 60)  # noqa: S603 - found on the PATH
    if done.returncode:
        raise NoFigure(f"wrk could not ask {request.url}: {done.stderr.strip() or done.stdout.strip()}")
    return read_wrk(done.stdout)


def _script(request: Request, folder: Path) -> Path:
    """Write the request as a script of wrk; JSON's strings are Lua's as well."""
    lua = [f"wrk.method = {_lua(request.method)}"]
    lua += [f"wrk.headers[{_lua(name)}] = {_lua(value)}" for name, value in request.headers.items()]
    if len(request.bodies) == 1:
        lua.append(f"wrk.body = {_lua(request.bodies[0])}")
    elif request.bodies:
        lua.append("local bodies = {" + ", ".join(map(_lua, request.bodies)) + "}")
        lua.append("local turn = 0")
        lua.append("request = function() turn = turn % #bodies + 1; return wrk.format(nil, nil, nil, bodies[turn]) end")
    # wrk itself prints no 95th percentile.
    lua.append(
        "done = function(summary, latency, requests) for _, share in pairs({50, 95, 99}) do "
        'io.write(string.format("p%d %.3fms\\n", share, latency:percentile(share) / 1000)) end end'
    )
    script = folder / "request.lua"
    script.write_text("\n".join(lua) + "\n", encoding="utf-8")
    return script


def _lua(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def read_wrk(said: str) -> Pressed:
    """Read what wrk and our script printed."""
    answers = re.search(r"(\d+) requests in", said)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    shares = {share: float(time) for share, time in re.findall(r"^p(\d+) ([\d.]+)ms$", said, re.MULTILINE)}
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)
    failures = int(refused[1]) if refused else 0
    failures += sum(map(int, errors.groups())) if errors else 0
    p50, p95, p99 = (shares[share] for share in ("50", "95", "99"))
    return Pressed(int(answers[1]) if answers else 0, float(rate[1]) if rate else 0.0, p50, p95, p99, failures)
