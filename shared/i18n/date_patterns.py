"""Date patterns of the site's languages, which CLDR lacks: shortened ranges, months in the locative, spans. Pure.

CLDR shortens the month in ranges ("14–16 Aug 2027", "14.–16. 8. 2027"). They stay data in Python: patterns and forms of
twelve months are grammar, not texts that somebody translates one by one (decision 0020).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class DatePatterns:
    """``day``, ``full``, ``weekday_full`` are CLDR patterns; ``span`` has places for ``first`` and ``last`` month."""

    day: str = ""
    full: str = ""
    weekday_full: str = ""
    in_months: tuple[str, ...] = ()
    span: str = ""
    weekdays: tuple[str, ...] = ()


CLDR: Final = DatePatterns()
"""Of the languages of the offices abroad, which use CLDR's own patterns and ranges."""

_PATTERNS: Final[Mapping[str, DatePatterns]] = MappingProxyType(
    {
        "pl": DatePatterns(
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
        ),
        "en": DatePatterns(
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
        ),
        "de": DatePatterns(
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
        ),
        "cs": DatePatterns(
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
        ),
        "uk": DatePatterns(
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
        ),
    }
)


def get_date_patterns(language: str) -> DatePatterns:
    return _PATTERNS.get(language, CLDR)
