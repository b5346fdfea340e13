"""The words that dates need and CLDR has not: locatives, spans of months, and how sure a date is.

For the five languages of the site dates are put together from patterns, because CLDR's ranges shorten the month there
("14–16 Aug 2027", "14.–16. 8. 2027"); the languages of the offices abroad take CLDR's ranges as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class DateWords:
    """How one language speaks of dates.

    ``day`` and ``full`` are CLDR patterns of a day in a range and of a date, both empty where CLDR's own ranges are
    used; ``in_months`` are the twelve months as in "in August"; ``span`` fills ``first`` and ``last`` month with their
    years. ``day_open``, ``dates_open`` and ``provisional`` say what is not sure.
    """

    day: str = ""
    full: str = ""
    weekday_full: str = ""
    in_months: tuple[str, ...] = ()
    span: str = ""
    weekdays: tuple[str, ...] = ()
    day_open: str
    dates_open: str
    provisional: str


WORDS: Final[Mapping[str, DateWords]] = MappingProxyType(
    {
        "pl": DateWords(
            day="d",
            full="d MMMM y",
            weekday_full="EEEE d MMMM y",
            in_months=(
                "w styczniu",
                "w lutym",
                "w marcu",
                "w kwietniu",
                "w maju",
                "w czerwcu",
                "w lipcu",
                "w sierpniu",
                "we wrześniu",
                "w październiku",
                "w listopadzie",
                "w grudniu",
            ),
            span="od {first} do {last}",
            weekdays=("pn", "wt", "śr", "cz", "pt", "sob", "ndz"),
            day_open="dzień do potwierdzenia",
            dates_open="termin do potwierdzenia",
            provisional="termin wstępny",
        ),
        "en": DateWords(
            day="d",
            full="d MMMM y",
            weekday_full="EEEE d MMMM y",
            in_months=(
                "in January",
                "in February",
                "in March",
                "in April",
                "in May",
                "in June",
                "in July",
                "in August",
                "in September",
                "in October",
                "in November",
                "in December",
            ),
            span="from {first} to {last}",
            day_open="day to be confirmed",
            dates_open="dates to be confirmed",
            provisional="provisional date",
        ),
        "de": DateWords(
            day="d.",
            full="d. MMMM y",
            weekday_full="EEEE, d. MMMM y",
            in_months=(
                "im Januar",
                "im Februar",
                "im März",
                "im April",
                "im Mai",
                "im Juni",
                "im Juli",
                "im August",
                "im September",
                "im Oktober",
                "im November",
                "im Dezember",
            ),
            span="von {first} bis {last}",
            day_open="Tag noch offen",
            dates_open="Termin noch offen",
            provisional="vorläufiger Termin",
        ),
        "cs": DateWords(
            day="d.",
            full="d. MMMM y",
            weekday_full="EEEE d. MMMM y",
            in_months=(
                "v lednu",
                "v únoru",
                "v březnu",
                "v dubnu",
                "v květnu",
                "v červnu",
                "v červenci",
                "v srpnu",
                "v září",
                "v říjnu",
                "v listopadu",
                "v prosinci",
            ),
            span="od {first} do {last}",
            day_open="den bude upřesněn",
            dates_open="termín bude upřesněn",
            provisional="předběžný termín",
        ),
        "uk": DateWords(
            day="d",
            full="d MMMM y",
            weekday_full="EEEE, d MMMM y",
            in_months=(
                "у січні",
                "у лютому",
                "у березні",
                "у квітні",
                "у травні",
                "у червні",
                "у липні",
                "у серпні",
                "у вересні",
                "у жовтні",
                "у листопаді",
                "у грудні",
            ),
            span="від {first} до {last}",
            day_open="день уточнюється",
            dates_open="дати уточнюються",
            provisional="попередня дата",
        ),
        "es": DateWords(
            day_open="día por confirmar", dates_open="fechas por confirmar", provisional="fecha provisional"
        ),
        "fr": DateWords(day_open="jour à confirmer", dates_open="dates à confirmer", provisional="date provisoire"),
        "hu": DateWords(
            day_open="a nap még nem végleges", dates_open="az időpont még nem végleges", provisional="előzetes időpont"
        ),
        "it": DateWords(
            day_open="giorno da confermare", dates_open="date da confermare", provisional="data provvisoria"
        ),
        "ja": DateWords(day_open="日は未定", dates_open="日程は未定", provisional="仮の日程"),
        "nl": DateWords(
            day_open="dag nog te bevestigen", dates_open="datum nog te bevestigen", provisional="voorlopige datum"
        ),
        "sv": DateWords(
            day_open="dag ej fastställd", dates_open="datum ej fastställt", provisional="preliminärt datum"
        ),
        "zh": DateWords(day_open="具体日期待定", dates_open="日期待定", provisional="暂定日期"),
    }
)
"""The words of every language we know (:data:`shared.languages.LANGUAGES`)."""
