"""How an event repeats, in words of every language of feeds: ``phrases.po``. Pure."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from babel.lists import format_list

from shared.event.model import Dates
from shared.event.recurrence import WEEKDAYS, Rule, parse_rule
from shared.i18n.languages import get_locale
from shared.i18n.text import gettext_noop, load_phrases

EVERY: Final = (
    gettext_noop("every Monday"),
    gettext_noop("every Tuesday"),
    gettext_noop("every Wednesday"),
    gettext_noop("every Thursday"),
    gettext_noop("every Friday"),
    gettext_noop("every Saturday"),
    gettext_noop("every Sunday"),
)
EVERY_DAY: Final = gettext_noop("every day")
WEEKLY: Final = gettext_noop("every week: %(days)s")
FORTNIGHTLY: Final = gettext_noop("every second week: %(days)s")
MONTHLY: Final = gettext_noop("every month")
MONTHLY_ON: Final = gettext_noop("every month: %(days)s")
YEARLY: Final = gettext_noop("every year")
SEVERAL: Final = gettext_noop("on several dates")
FEW: Final = 2
"""So many days of the week are named one by one ("every Tuesday and every Thursday")."""
_ALWAYS: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"})


def format_rule(dates: Dates, language: str) -> str:
    """Such as "every Saturday"; "on several dates" where the words would be longer than the list of dates."""
    recurrence, gettext = dates.recurrence, load_phrases(language).gettext
    if recurrence is None or recurrence.rrule is None or recurrence.rdates:
        return gettext(SEVERAL)
    rule = parse_rule(recurrence.rrule)
    days = _list_days(rule, dates)
    if days:
        return _format_days(days, rule, language)
    if rule.frequency == "MONTHLY" and rule.interval == 1 and (days := _list_days_of_month(rule)):
        names = get_locale(language).days["stand-alone"]["wide"]
        return gettext(MONTHLY_ON) % {"days": ", ".join(names[day] for day in days)}
    plain = rule.interval == 1 and (_ALWAYS.issuperset(rule.parts) or _is_same_day(rule, dates))
    phrase = {"DAILY": EVERY_DAY, "MONTHLY": MONTHLY, "YEARLY": YEARLY}.get(rule.frequency, SEVERAL)
    return gettext(phrase if plain else SEVERAL)


def _is_same_day(rule: Rule, dates: Dates) -> bool:
    """Whether a rule of a month says the day of the first occurrence once more."""
    only = _ALWAYS.union({"BYMONTHDAY"}).issuperset(rule.parts)
    return only and rule.parts.get("BYMONTHDAY") == str(date.fromisoformat(dates.start[:10]).day)


def _list_days(rule: Rule, dates: Dates) -> list[int]:
    """The days of the week, 0 is Monday; none if the rule is about something else."""
    weekly = rule.frequency == "WEEKLY" and rule.interval <= FEW
    daily = rule.frequency == "DAILY" and rule.interval == 1 and "BYDAY" in rule.parts
    if not (weekly or daily) or not _ALWAYS.union({"BYDAY"}).issuperset(rule.parts):
        return []
    if "BYDAY" not in rule.parts:
        return [date.fromisoformat(dates.start[:10]).weekday()]
    return sorted({WEEKDAYS.index(each) for each in rule.parts["BYDAY"].split(",")})


def _list_days_of_month(rule: Rule) -> list[int]:
    """The day of the week of a rule such as "the second Saturday of each month"; none of any other rule."""
    if not _ALWAYS.union({"BYDAY"}).issuperset(rule.parts):
        return []
    found = re.fullmatch(r"[+-]?[1-5]([A-Z]{2})", rule.parts.get("BYDAY", ""))
    return [WEEKDAYS.index(found[1])] if found else []


def _format_days(days: list[int], rule: Rule, language: str) -> str:
    words, gettext = get_locale(language), load_phrases(language).gettext
    if rule.interval == 1 and len(days) <= FEW:
        return str(format_list([gettext(EVERY[day]) for day in days], locale=words))
    names = [str(words.days["stand-alone"]["wide"][day]) for day in days]
    in_a_row = len(days) > FEW and days[-1] - days[0] == len(days) - 1
    named = f"{names[0]}–{names[-1]}" if in_a_row else ", ".join(names)
    return gettext(FORTNIGHTLY if rule.interval == FEW else WEEKLY) % {"days": named}
