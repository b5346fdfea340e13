"""Traces that run on, and lines that hold no secret."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from typing import Literal

import pytest
import structlog
from pydantic import SecretStr

from shared.telemetry import continue_trace, current_traceparent, hide_secrets, open_logs, tracing

INCOMING = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_trace_goes_on_in_a_step_of_our_own() -> None:
    ours = continue_trace(INCOMING)

    assert ours.split("-")[1] == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert ours.split("-")[2] != "00f067aa0ba902b7"
    assert ours.endswith("-01")


def test_a_trace_that_is_not_sampled_stays_so() -> None:
    assert continue_trace(INCOMING.removesuffix("01") + "00").endswith("-00")


@pytest.mark.parametrize(
    "broken",
    [
        None,
        "",
        "00",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        INCOMING + "\n",
    ],
)
def test_a_trace_that_cannot_be_read_is_replaced_by_a_new_one(broken: str | None) -> None:
    ours = continue_trace(broken)

    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", ours)
    assert "4bf92f3577b34da6a3ce929d0e0e4736" not in ours


def test_work_inside_a_trace_knows_it() -> None:
    with tracing(INCOMING) as ours:
        assert current_traceparent() == ours

    assert current_traceparent() is None


def test_a_line_hides_what_is_secret() -> None:
    shown = hide_secrets(
        None,
        "info",
        {
            "event": "log-in with kal_a1b2_c3d4e5f6g7h8i9j0 to mongodb://kal:hunter2@mongo/x",
            "password": "hunter2",
            "nested": {"api_key": "hunter2", "county": "3262"},
            "typed": SecretStr("hunter2"),
            "status": 200,
        },
    )

    assert shown == {
        "event": "log-in with [hidden] to mongodb://[hidden]mongo/x",
        "password": "[hidden]",
        "nested": {"api_key": "[hidden]", "county": "3262"},
        "typed": "[hidden]",
        "status": 200,
    }


@pytest.fixture
def logs_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.usefixtures("logs_as_before")
def test_a_line_in_json_holds_the_trace_it_belongs_to(capsys: pytest.CaptureFixture[str]) -> None:
    open_logs(level="info", style="json")

    with tracing(INCOMING):
        structlog.get_logger("kalendarium.test").info("record", topic="submissions.v1", offset=7)

    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["topic"], line["offset"], line["level"]) == ("record", "submissions.v1", 7, "info")
    assert line["trace"] == "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.usefixtures("logs_as_before")
def test_a_line_outside_a_trace_names_none(capsys: pytest.CaptureFixture[str]) -> None:
    open_logs(level="info", style="json")

    with tracing(INCOMING), tracing(INCOMING):
        pass
    structlog.get_logger("kalendarium.test").info("record")

    assert "trace" not in json.loads(capsys.readouterr().err)


@pytest.mark.usefixtures("logs_as_before")
def test_libraries_speak_through_the_same_lines(capsys: pytest.CaptureFixture[str]) -> None:
    open_logs(level="info", style="json")

    logging.getLogger("uvicorn.error").warning("listening on %s", "8001")
    logging.getLogger("uvicorn.access").warning("GET / 200")

    lines = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["listening on 8001"]


@pytest.mark.usefixtures("logs_as_before")
def test_lines_below_the_level_are_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    open_logs(level="warning", style="console")

    structlog.get_logger("kalendarium.test").info("request")

    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("logs_as_before")
@pytest.mark.parametrize("style", ["console", "json"])
def test_a_traceback_shows_no_values(style: Literal["console", "json"], capsys: pytest.CaptureFixture[str]) -> None:
    open_logs(level="info", style=style)

    def log_in(password: str) -> None:
        raise RuntimeError(f"no way in for a word of {len(password)} letters")

    try:
        log_in("correct horse battery staple".upper())
    except RuntimeError:
        structlog.get_logger("kalendarium").exception("unexpected")

    shown = capsys.readouterr().err
    assert "no way in" in shown
    assert "BATTERY STAPLE" not in shown
