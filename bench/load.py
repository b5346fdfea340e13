"""Load on a separate core: by ``wrk`` where it is installed, else by our own client."""

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

from bench.client import SERIAL, ClientResult, Request, Task, choose_first_serial
from bench.cores import build_pin_prefix, choose_load_core
from bench.rounds import compute_percentile

WARM_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class LoadResult:
    answers: int
    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    failures: int


class MeasurementFailed(Exception):
    """What was to be measured did not happen as it had to; a figure would say nothing."""


def name_load_tool() -> str:
    return "wrk" if shutil.which("wrk") else "our own client (bench/client.py), which costs more than wrk"


def apply_load(request: Request, *, connections: int, seconds: float) -> LoadResult:
    """As fast as the server answers; raises NoFigure if any request was refused or not answered."""
    how = _load_by_wrk if shutil.which("wrk") else _load_by_client
    return _require_complete(request, how(request, connections, seconds))


def ask_repeatedly(request: Request, *, count: int, connections: int = 1, seconds: float = 60.0) -> LoadResult:
    """Wait for every response, so that nothing is left queued in a slow server. Raises NoFigure."""
    return _require_complete(request, _run_client(Task(request, connections, seconds, count)))


def _require_complete(request: Request, pressed: LoadResult) -> LoadResult:
    if pressed.failures or not pressed.per_second:
        raise MeasurementFailed(
            f"{request.method} {request.url}: {pressed.failures} answers were refusals, or none came"
        )
    return pressed


def _load_by_client(request: Request, connections: int, seconds: float) -> LoadResult:
    return _run_client(Task(request, connections, seconds))


def _run_client(task: Task) -> LoadResult:
    command = [*build_pin_prefix(choose_load_core()), sys.executable, "-m", "bench.client"]
    done = subprocess.run(command, input=msgspec.json.encode(task), capture_output=True, check=False)  # noqa: S603 - our own program
    if done.returncode:
        raise MeasurementFailed(f"{task.request.url}: {done.stderr.decode(errors='replace').strip().splitlines()[-1]}")
    return summarize_result(msgspec.json.decode(done.stdout, type=ClientResult))


def summarize_result(outcome: ClientResult) -> LoadResult:
    p50, p95, p99 = (compute_percentile(outcome.milliseconds, share) for share in (0.50, 0.95, 0.99))
    answers = len(outcome.milliseconds)
    return LoadResult(answers, answers / outcome.seconds, p50, p95, p99, outcome.failures)


def _load_by_wrk(request: Request, connections: int, seconds: float) -> LoadResult:
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *build_pin_prefix(choose_load_core()),
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{max(1, round(seconds))}s",
        ]
        command += ["--timeout", "30s", "-s", str(_write_script(request, Path(folder))), request.url]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds + 60)  # noqa: S603 - found on the PATH
    if done.returncode:
        raise MeasurementFailed(f"wrk could not ask {request.url}: {done.stderr.strip() or done.stdout.strip()}")
    return parse_wrk(done.stdout)


def _write_script(request: Request, folder: Path) -> Path:
    # JSON's strings are Lua's as well.
    lua = [f"wrk.method = {_quote_lua(request.method)}"]
    lua += [f"wrk.headers[{_quote_lua(name)}] = {_quote_lua(value)}" for name, value in request.headers.items()]
    if request.is_counted:
        lua.append("local bodies = {" + ", ".join(map(_quote_lua, request.bodies)) + "}")
        lua.append(f"local serial = {choose_first_serial()}")
        lua.append("request = function() serial = serial + 1; local body = bodies[serial % #bodies + 1]")
        lua.append(f'return wrk.format(nil, nil, nil, (body:gsub("{SERIAL}", string.format("%012d", serial)))) end')
    elif len(request.bodies) == 1:
        lua.append(f"wrk.body = {_quote_lua(request.bodies[0])}")
    elif request.bodies:
        lua.append("local bodies = {" + ", ".join(map(_quote_lua, request.bodies)) + "}")
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


def _quote_lua(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def parse_wrk(said: str) -> LoadResult:
    answers = re.search(r"(\d+) requests in", said)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    shares = {share: float(time) for share, time in re.findall(r"^p(\d+) ([\d.]+)ms$", said, re.MULTILINE)}
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)
    failures = int(refused[1]) if refused else 0
    failures += sum(map(int, errors.groups())) if errors else 0
    p50, p95, p99 = (shares[share] for share in ("50", "95", "99"))
    return LoadResult(int(answers[1]) if answers else 0, float(rate[1]) if rate else 0.0, p50, p95, p99, failures)
