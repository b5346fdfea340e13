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

from shared.observability.logging import (
    configure_logging,
    derive_traceparent,
    enter_trace,
    get_current_traceparent,
    redact_secrets,
)

INCOMING = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_trace_goes_on_in_a_step_of_our_own() -> None:
    ours = derive_traceparent(INCOMING)

    assert ours.split("-")[1] == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert ours.split("-")[2] != "00f067aa0ba902b7"
    assert ours.endswith("-01")


def test_a_trace_that_is_not_sampled_stays_so() -> None:
    assert derive_traceparent(INCOMING.removesuffix("01") + "00").endswith("-00")


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
    ours = derive_traceparent(broken)

    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", ours)
    assert "4bf92f3577b34da6a3ce929d0e0e4736" not in ours


def test_work_inside_a_trace_knows_it() -> None:
    with enter_trace(INCOMING) as ours:
        assert get_current_traceparent() == ours

    assert get_current_traceparent() is None


def test_a_line_hides_what_is_secret() -> None:
    shown = redact_secrets(
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
    configure_logging(level="info", style="json")

    with enter_trace(INCOMING):
        structlog.get_logger("kalendarium.test").info("record", topic="submissions.v1", offset=7)

    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["topic"], line["offset"], line["level"]) == ("record", "submissions.v1", 7, "info")
    assert line["trace"] == "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.usefixtures("logs_as_before")
def test_a_line_outside_a_trace_names_none(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(level="info", style="json")

    with enter_trace(INCOMING), enter_trace(INCOMING):
        pass
    structlog.get_logger("kalendarium.test").info("record")

    assert "trace" not in json.loads(capsys.readouterr().err)


@pytest.mark.usefixtures("logs_as_before")
def test_libraries_speak_through_the_same_lines(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(level="info", style="json")

    logging.getLogger("uvicorn.error").warning("listening on %s", "8001")
    logging.getLogger("uvicorn.access").warning("GET / 200")

    lines = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["listening on 8001"]


HOSTILE = "/\x1b]0;pwned\x07\x1b[31mHELLO\x9b \u202egnp\u2066 \u2028 a\n2027-01-01 [error] forged"


class Hostile:
    def __repr__(self) -> str:
        return HOSTILE


@pytest.mark.usefixtures("logs_as_before")
@pytest.mark.parametrize("style", ["console", "json"])
@pytest.mark.parametrize("by", ["us", "a library"])
def test_nothing_that_is_logged_controls_the_terminal_or_begins_a_line(
    style: Literal["console", "json"], by: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(level="info", style=style)

    if by == "us":
        log = structlog.get_logger("kalendarium")
        log.info(HOSTILE, path=HOSTILE, nested={"a": [HOSTILE]}, thing=Hostile(), **{HOSTILE: 1})
    else:
        logging.getLogger("uvicorn.error").warning("%s", HOSTILE)

    shown = capsys.readouterr().err
    assert "pwned" in shown
    assert shown.removesuffix("\n").isprintable()


@pytest.mark.usefixtures("logs_as_before")
@pytest.mark.parametrize("style", ["console", "json"])
@pytest.mark.parametrize("by", ["us", "a library"])
def test_an_exception_that_quotes_what_was_sent_controls_no_terminal(
    style: Literal["console", "json"], by: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(level="info", style=style)

    log = structlog.get_logger("kalendarium") if by == "us" else logging.getLogger("uvicorn.error")
    try:
        int(HOSTILE)
    except ValueError as error:
        error.add_note(HOSTILE)
        log.exception("broken")

    shown = capsys.readouterr().err
    assert "pwned" in shown
    assert shown.replace("\n", "").isprintable()


@pytest.mark.usefixtures("logs_as_before")
def test_a_line_of_json_holds_what_was_logged(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(level="info", style="json")
    title = f"{HOSTILE} Zażółć \U000e0041 😀"

    structlog.get_logger("kalendarium").info("request", title=title)

    assert json.loads(capsys.readouterr().err)["title"] == title


@pytest.mark.usefixtures("logs_as_before")
def test_lines_below_the_level_are_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(level="warning", style="console")

    structlog.get_logger("kalendarium.test").info("request")

    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("logs_as_before")
@pytest.mark.parametrize("style", ["console", "json"])
def test_a_traceback_shows_no_values(style: Literal["console", "json"], capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(level="info", style=style)

    def log_in(password: str) -> None:
        raise RuntimeError(f"no way in for a word of {len(password)} letters")

    try:
        log_in("correct horse battery staple".upper())
    except RuntimeError:
        structlog.get_logger("kalendarium").exception("unexpected")

    shown = capsys.readouterr().err
    assert "no way in" in shown
    assert "BATTERY STAPLE" not in shown
