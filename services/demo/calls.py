"""The demo's call: opens today, so that pages show how many days are left."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx

DAYS_OPEN: Final = 45
DAYS_TO_FREEZE: Final = 30
CRITERIA: Final[Mapping[str, str]] = {
    "pl": "Do programu przyjmujemy wydarzenia, dla których ktoś przyjedzie spoza powiatu: otwarte dla wszystkich, "
    "z podanym miejscem i dniem albo chociaż miesiącem.\n\nNie przyjmujemy spotkań tylko dla członków, sprzedaży bez "
    "programu i wydarzeń bez organizatora.",
    "en": "We take events for which somebody comes from outside the county: open to everybody, with a place and a day, "
    "or at least a month.\n\nWe do not take meetings for members only, sales without a programme, or events without an "
    "organiser.",
    "de": "Wir nehmen Veranstaltungen auf, für die jemand von außerhalb des Kreises anreist: offen für alle, mit Ort "
    "und Tag oder wenigstens einem Monat.\n\nNicht aufgenommen werden Treffen nur für Mitglieder, Verkauf ohne "
    "Programm und Veranstaltungen ohne Veranstalter.",
}


def build_call(year: int, *, today: date) -> dict[str, Any]:
    """As JSON for calendar; its days stay within what a call of ``year`` may have."""
    last = date(year, 12, 31)
    deadline = min(today + timedelta(days=DAYS_OPEN), last)
    return {
        "opens_on": today.isoformat(),
        "deadline_on": deadline.isoformat(),
        "freeze_on": min(deadline + timedelta(days=DAYS_TO_FREEZE), last).isoformat(),
        "answer_days": 14,
        "criteria": dict(CRITERIA),
        "locked_fields": ["category", "dates"],
    }


async def announce_call(
    client: httpx.AsyncClient, calendar_url: str, chief: Mapping[str, str], year: int, *, zone: ZoneInfo
) -> None:
    """Announce the call of a year unless there is one.

    What refuses it leaves the demo without a call: in an installation of an earlier release the curator is no chief.
    """
    address = f"{calendar_url}/calendar/api/v1/calls/{year}"
    if (await client.get(address, headers=chief)).status_code != httpx.codes.NOT_FOUND:
        return
    today = datetime.now(zone).date()
    answer = await client.put(address, json=build_call(year, today=today), headers=chief)
    if answer.is_server_error:
        answer.raise_for_status()
