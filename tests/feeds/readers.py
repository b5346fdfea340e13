"""Other people's programs that read calendars. Each takes a feed's bytes and gives its events."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import vobject
from ical.calendar_stream import IcsCalendarStream

from tests.feeds.occurrences import Occurrence, in_words
from tests.support.left_out import leave_out

ROOT = Path(__file__).parents[2]
WARSAW = ZoneInfo("Europe/Warsaw")
Reader = Callable[[bytes], set[Occurrence]]


def utc(moment: date | datetime | None) -> date | datetime:
    """Give an instant in UTC, or a day as it is."""
    assert moment is not None
    return moment.astimezone(UTC) if isinstance(moment, datetime) else moment


def by_icalendar(feed: bytes) -> set[Occurrence]:
    """Read with the library that wrote it: necessary, and not independent."""
    calendar = icalendar.Calendar.from_ical(feed)
    assert [error for component in calendar.walk() for error in component.errors] == []
    assert calendar.get_missing_tzids() == set()
    return {
        Occurrence(
            str(event["UID"]), in_words(utc(event.start)), in_words(utc(event.get("DTEND", event["DTSTART"]).dt))
        )
        for event in calendar.events
    }


def by_allenporter(feed: bytes) -> set[Occurrence]:
    """Read with ``ical``, the strictest parser in Python."""
    events = IcsCalendarStream.calendar_from_ics(feed.decode()).events
    return {
        Occurrence(str(event.uid), in_words(utc(event.dtstart)), in_words(utc(event.dtend or event.dtstart)))
        for event in events
    }


def by_vobject(feed: bytes) -> set[Occurrence]:
    """Read with vobject, which computes hours from the time zone in the file."""
    calendar = next(vobject.readComponents(feed.decode()))
    calendar.validate(raiseException=True)
    return {
        Occurrence(
            event.uid.value,
            in_words(utc(event.dtstart.value)),
            in_words(utc(event.dtend.value if hasattr(event, "dtend") else event.dtstart.value)),
        )
        for event in calendar.contents.get("vevent", ())  # a list of none is no attribute
    }


def expand_by_ical_js(folder: Path, feed: bytes) -> list[tuple[Occurrence, str]]:
    """Expand with ical.js in Node: all occurrences, each with its status."""
    found = ical_js(folder, feed, script="expand_ical.mjs")
    return [(Occurrence(each["uid"], each["start"], each["end"]), each["status"]) for each in found]


def ical_js(folder: Path, feed: bytes, *, script: str = "read_ical.mjs") -> list[dict[str, Any]]:
    """Read with ical.js in Node."""
    node = shutil.which("node")
    if node is None or not (ROOT / "node_modules" / "ical.js").is_dir():
        leave_out("node", "ical.js is not installed: apt-get install nodejs npm, then npm ci.")
    file = folder / "feed.ics"
    file.write_bytes(feed)
    done = subprocess.run([node, ROOT / "tests" / "feeds" / script, file], check=True, capture_output=True, timeout=60)  # noqa: S603 - our own script
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def calcurse(folder: Path, feed: bytes) -> list[str]:
    """Import into calcurse and give the lines of its own file: local times, days inclusive, no ids."""
    run_calcurse(folder, feed)
    return sorted((folder / "calcurse" / "apts").read_text(encoding="utf-8").splitlines())


def calcurse_days(folder: Path, feed: bytes) -> dict[str, set[str]]:
    """Import into calcurse and give the days on which it shows each title, of the years 2027 to 2029."""
    formats = [part for kind in ("apt", "recur-apt", "event", "recur-event") for part in (f"--format-{kind}", "%m\n")]
    days = ["-Q", "--filter-type", "cal", "--from", "01/01/2027", "--to", "12/31/2029", *formats]
    run_calcurse(folder, feed)
    found: dict[str, set[str]] = {}
    day = ""
    for line in run_calcurse(folder, None, days).splitlines():
        if read := re.fullmatch(r"([0-9]{2})/([0-9]{2})/([0-9]{2}):", line):
            day = f"20{read[3]}-{read[1]}-{read[2]}"
        elif line:
            found.setdefault(line, set()).add(day)
    return found


def run_calcurse(folder: Path, feed: bytes | None, options: Sequence[str] = ()) -> str:
    """Import a feed, or ask for what was imported."""
    program = shutil.which("calcurse")
    if program is None:
        leave_out("calcurse", "it is not installed: apt-get install calcurse.")
    file, home = folder / "feed.ics", folder / "calcurse"
    if feed is not None:
        file.write_bytes(feed)
        options = ("-i", str(file))
    environment = {"TZ": WARSAW.key, "HOME": str(folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TERM": "dumb"}
    command = [program, "-D", str(home), *options]
    done = subprocess.run(command, check=True, capture_output=True, timeout=60, env=environment)  # noqa: S603 - a reader
    assert b"skipped" not in done.stdout or b" 0 skipped" in done.stdout, done.stdout.decode()
    return done.stdout.decode()


def newsboat(folder: Path, feed: bytes) -> list[str]:
    """Have newsboat fetch a feed again; gives the titles that it shows as unread, and then takes them for read."""
    program = shutil.which("newsboat")
    if program is None:
        leave_out("newsboat", "it is not installed: apt-get install newsboat.")
    file, urls, cache = folder / "feed.rss", folder / "urls", folder / "cache.db"
    file.write_bytes(feed)
    urls.write_text(file.as_uri() + "\n", encoding="utf-8")
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    command = [program, "-u", str(urls), "-c", str(cache), "-x", "reload"]
    subprocess.run(command, check=True, capture_output=True, timeout=60, env=environment)  # noqa: S603 - a reader
    with closing(sqlite3.connect(cache)) as read, read:
        titles = [str(title) for (title,) in read.execute("SELECT title FROM rss_item WHERE unread = 1 ORDER BY title")]
        read.execute("UPDATE rss_item SET unread = 0")
    return titles
