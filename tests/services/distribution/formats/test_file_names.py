from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.distribution.formats.file_names import build_disposition
from services.distribution.presentation.localized_event import localize
from tests.services.distribution.builders import make_message, make_site

SITE = make_site()
FORM = re.compile(r"attachment; filename=\"([a-z0-9-]{1,60}-\d{4}-\d\d(?:-\d\d)?\.ics)\"; filename\*=UTF-8''([!-~]+)")


def names(title: str, **fields: Any) -> tuple[str, str]:  # noqa: ANN401 - any field
    found = FORM.fullmatch(build_disposition(localize(make_message(title={"pl": title}, **fields), "pl", SITE), "ics"))
    assert found
    return found[1], unquote(found[2])


@pytest.mark.parametrize(
    ("title", "plain", "written"),
    [
        ("Żagle", "zagle-2027-08-14.ics", "Żagle 2027-08-14.ics"),
        ("Łódź & „Wiatr”: finał/2", "lodz-wiatr-final-2-2027-08-14.ics", "Łódź & „Wiatr” finał 2 2027-08-14.ics"),
        ("Ярмарок", "yarmarok-2027-08-14.ics", "Ярмарок 2027-08-14.ics"),
        ("...", "event-2027-08-14.ics", "event 2027-08-14.ics"),
        ("../../etc/passwd", "etc-passwd-2027-08-14.ics", "etc passwd 2027-08-14.ics"),
    ],
)
def test_a_file_is_called_by_title_and_day(title: str, plain: str, written: str) -> None:
    assert names(title) == (plain, written)


def test_where_no_day_is_known_the_month_names_the_file() -> None:
    dates = {"certainty": "month", "start": "2027-08-01", "end": "2027-08-31"}

    assert names("Żagle", dates=dates) == ("zagle-2027-08.ics", "Żagle 2027-08.ics")


@given(title=st.text(st.characters(exclude_categories=["Cs"]), max_size=130).map(lambda text: f"a{text}"))
def test_whatever_the_title_the_name_is_one_file_and_one_header(title: str) -> None:
    plain, written = names(title)

    assert not set('/\\:*?"<>|') & set(written)
    assert written == written.strip(" .")
    assert len(plain) <= 75
