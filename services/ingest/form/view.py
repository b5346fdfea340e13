"""View of the form: values, errors, choices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from babel.dates import format_date, format_skeleton

from services.ingest.form import opening_fields
from services.ingest.form.date_fields import (
    SEASONS,
    find_month,
    find_next_morning,
    get_limits,
)
from services.ingest.form.mapping import LISTS, POSITION, START_PLACE, FormValues, get_value
from services.ingest.form.picture_fields import list_numbers, split_name
from services.ingest.form.picture_view import PictureFields, get_picture_label, list_licences, list_pictures
from services.ingest.form.repeat_fields import split_change_field
from services.ingest.form.repeat_view import RepeatsView, build_repeats
from services.ingest.submission import labels
from services.ingest.submission.field_errors import Day
from shared.date_input import read_hour, write_day
from shared.event.date_phrases import format_dates
from shared.event.fields import FIELDS, Field
from shared.event.model import Dates
from shared.event.opening_hours import DAYS
from shared.event.vocabulary import ACCESSIBILITY, AUDIENCE, AVAILABILITY, LICENCES, SETTING, name_licence
from shared.field_error import FieldError
from shared.i18n.collation import build_collation_key
from shared.i18n.languages import LANGUAGES, get_locale
from shared.i18n.text import Text, _, n_, translate
from shared.media.repository import StoredPicture
from shared.region import Region
from shared.web.pages.parts import ErrorLink, Fact

YEARS_AHEAD = 3
TEXTS = ("title", "summary", "description")
"""Of each language, in a part of their own."""
START_FIELDS = tuple(f"start_place.{name}" for name in (*START_PLACE, *POSITION))
PLACED_BY_TEMPLATE = frozenset({"website"})
"""Plain fields that the template places itself."""
PARTS: Mapping[str, tuple[Text, tuple[str, ...]]] = {
    "texts": (_("Title and description"), ("title.", "summary.", "description.", "category", "part_of")),
    "when": (
        _("When"),
        (
            *("certainty", "start_date", "start_time", "start_fold", "end_", "repeats", "recurrence", "opening."),
            *("month", "season", "dates", "arrival."),
        ),
    ),
    "where": (_("Where"), ("venue.", "start_place.")),
    "pictures": (_("Pictures"), ("images.", "picture")),
    "guests": (
        _("For visitors"),
        ("website", "tickets.", "accessibility", "audience", "ages.", "setting", "also", "licence"),
    ),
    "contact": (_("Contact"), ("contact.", "external_id")),
}
"""The parts of the form, with the prefixes of their inputs' names and of the event's fields."""

SELF_EXPLANATORY = frozenset(
    {
        "required",
        "late_code",
        "before_start",
        "skipped_hour",
        "doubled_hour",
        "mixed",
        "differs",
        "picture_refused",
        "not_sent",
    }
)
"""Codes whose text names the field."""

Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class FormView:
    """A form to render, in the language ``lang``; ``locked`` are facts by the event's field.

    ``stored`` are the pictures that it names, by their names, as far as they may be seen;
    ``opened`` is a day of repeats that is to be changed.
    """

    fields: FormValues
    errors: Sequence[FieldError]
    lang: str
    region: Region
    today: date
    registry: Sequence[Field] = FIELDS
    locked: Mapping[str, Fact] = field(default_factory=dict)
    stored: Mapping[str, StoredPicture] = field(default_factory=dict)
    opened: str = ""


@dataclass(frozen=True, slots=True)
class FormPart:
    """A part of the form for ``parts/form.html``; ``errors`` is their number, ``holds`` says what is filled in.

    ``locked`` are its fields that do not change any more, with what is in force.
    """

    id: str
    title: str
    errors: int
    holds: str = ""
    locked: Sequence[Fact] = ()


@dataclass(frozen=True, slots=True)
class LanguageFields:
    """The texts in one language; ``words`` say how many are filled in, ``errors`` is their number."""

    code: str
    name: str
    words: str
    errors: int
    open: bool
    priced: bool
    arrives: bool


@dataclass(frozen=True, slots=True)
class NextMorning:
    """The end of an event past midnight: the value to send, and the day in words."""

    value: str
    day: str
    hour: str


@dataclass(frozen=True, slots=True)
class FormContext:
    """What ``form.html`` is given; mappings are by the name of the input."""

    values: Mapping[str, str]
    ticked: Mapping[str, Sequence[str]]
    errors: Mapping[str, str]
    summary: Sequence[ErrorLink]
    parts: Sequence[FormPart]
    languages: list[LanguageFields]
    more_languages: list[LanguageFields]
    doubled: Sequence[str]
    next_morning: NextMorning | None
    limits: Mapping[str, int | None]
    plain: Sequence[Field]
    categories: Choices
    counties: Choices
    towns: Sequence[str]
    access: Choices
    audience: Choices
    settings: Choices
    availability: Choices
    licences: Choices
    default_licence: str
    months: Choices
    seasons: Choices
    repeats: RepeatsView
    pictures: Sequence[PictureFields]
    picture_licences: Choices
    starts_elsewhere: bool
    opening: Sequence[opening_fields.OpeningRow]
    weekdays: Choices


def make_context(form: FormView) -> FormContext:
    region, lang = form.region, form.lang
    errors = {error.field: _format_error(error, lang) for error in form.errors}
    main = region.languages.feeds
    return FormContext(
        values={name: values[-1] for name, values in form.fields.items() if values} | {"month": _get_month(form)},
        ticked={name: [value for value in form.fields.get(name, ()) if value] for name in LISTS},
        errors=errors,
        summary=[ErrorLink(make_field_id(name), message) for name, message in errors.items()],
        parts=[
            _describe_part(key, title, (*begins, *_list_plain_names(form, key)), form, errors)
            for key, (title, begins) in PARTS.items()
        ],
        languages=[_describe_language(code, form, errors) for code in main],
        more_languages=[_describe_language(code, form, errors) for code in LANGUAGES if code not in main],
        doubled=[error.field for error in form.errors if error.code == "doubled_hour"],
        next_morning=_describe_next_morning(form),
        limits={field.name: field.limit for field in form.registry if field.is_plain},
        plain=_list_plain_fields(form),
        categories=[(slug, category.get_label(lang)) for slug, category in region.categories.items()],
        counties=region.list_county_labels(lang),
        towns=_list_towns(region, lang),
        access=_list_labels(ACCESSIBILITY, lang),
        audience=_list_labels(AUDIENCE, lang),
        settings=_list_labels(SETTING, lang),
        availability=[*_list_labels(AVAILABILITY, lang), ("", translate(_("Not stated"), lang))],
        licences=[(code, licence.name) for code, licence in LICENCES.items()],
        default_licence=name_licence(region.licence) if region.licence else "",
        months=_add_chosen(_list_months(form), _get_month(form), lang),
        seasons=_add_chosen(_list_seasons(form), get_value(form.fields, "season"), lang),
        repeats=build_repeats(form.fields, lang, region.time_zone, languages=region.languages.site, opened=form.opened),
        pictures=list_pictures(form.fields, form.stored, errors, lang=lang, today=form.today),
        picture_licences=list_licences(lang),
        starts_elsewhere=any(_is_used(name, form, errors) for name in START_FIELDS),
        opening=opening_fields.list_rows(form.fields),
        weekdays=_list_weekdays(lang),
    )


def _list_weekdays(lang: str) -> Choices:
    names = get_locale(lang).days["stand-alone"]["wide"]
    return [(code, str(names[number])) for number, code in enumerate(DAYS)]


def _list_labels(labels: Mapping[str, Text], lang: str) -> Choices:
    return [(code, translate(label, lang)) for code, label in labels.items()]


HEADLINES: Mapping[str, tuple[str, ...]] = {
    "texts": ("title.pl",),
    "when": ("start_date", "end_date", "month", "season"),
    "where": ("venue.town", "venue.name"),
    "contact": ("contact.name", "contact.email", "contact.phone"),
}
"""The fields whose values say what a part holds."""


def _describe_part(key: str, title: str, begins: tuple[str, ...], form: FormView, errors: Iterable[str]) -> FormPart:
    named = [get_value(form.fields, name) for name in HEADLINES.get(key, ())]
    holds = ", ".join(each for each in named if each)
    if key == "pictures":
        count = len(list_numbers(form.fields))
        holds = translate(n_("%(num)s picture", "%(num)s pictures", count), form.lang) if count else ""
    elif key not in HEADLINES:
        filled = sum(bool(get_value(form.fields, name)) for name in form.fields if name.startswith(begins))
        holds = translate(n_("%(num)s field", "%(num)s fields", filled), form.lang) if filled else ""
    locked = [fact for name, fact in form.locked.items() if f"{name}.".startswith(begins)]
    return FormPart(key, title, _count_errors(errors, begins), holds or translate(_("nothing yet"), form.lang), locked)


def _list_plain_fields(form: FormView) -> list[Field]:
    return [
        each
        for each in form.registry
        if each.is_plain and not each.per_language and each.name not in PLACED_BY_TEMPLATE
    ]


def _list_plain_names(form: FormView, part: str) -> list[str]:
    return [each.name for each in _list_plain_fields(form)] if part == "guests" else []


def make_field_id(name: str) -> str:
    """Make the id of a field's control, as ``parts/field.html`` does."""
    return name.replace(".", "-")


def get_label(name: str) -> Text:
    found = labels.FIELDS.get(name)
    if found is not None:
        return found
    if split_name(name):
        return get_picture_label(name)
    if name.startswith(opening_fields.PREFIX):
        return _("Opening hours, row %(number)s", number=int(name.split(".")[1]) + 1)
    if change := split_change_field(name):
        return _label_change(*change)
    known, _dot, code = name.rpartition(".")
    if known not in labels.FIELDS:
        return Text(name)
    language = get_language_heading(code) if code in LANGUAGES else code
    return _("%(what)s (%(language)s)", what=labels.FIELDS[known], language=language)


def _label_change(day: str, part: str) -> Text:
    part, _dot, code = part.partition(".")
    try:
        label = Text(labels.CHANGE_FIELDS[part], {"day": Day(date.fromisoformat(day))})
    except ValueError:
        label = Text(labels.CHANGE_FIELDS[part], {"day": day})
    return _("%(what)s (%(language)s)", what=label, language=get_language_heading(code)) if code else label


def get_language_heading(code: str) -> str:
    name = LANGUAGES[code].own_name
    return name[0].upper() + name[1:]


def _describe_next_morning(form: FormView) -> NextMorning | None:
    day = find_next_morning(form.fields)
    if day is None:
        return None
    in_words = format_date(day, "long", locale=get_locale(form.lang))
    return NextMorning(write_day(f"{day}"), in_words, read_hour(get_value(form.fields, "end_time")))


def _format_error(error: FieldError, lang: str) -> str:
    """Write an error so that it can stand alone in the summary."""
    message = translate(error.message, lang)
    return message if error.code in SELF_EXPLANATORY else f"{translate(get_label(error.field), lang)}: {message}"


def _count_errors(errors: Iterable[str], begins: tuple[str, ...]) -> int:
    return sum(name.startswith(begins) for name in errors)


def _describe_language(code: str, form: FormView, errors: Mapping[str, str]) -> LanguageFields:
    filled = sum(bool(get_value(form.fields, f"{name}.{code}")) for name in TEXTS)
    count = n_("%(num)s of 3 fields", "%(num)s of 3 fields", filled)
    needed = _("required, %(count)s", count=count) if code == "pl" else count
    return LanguageFields(
        code=code,
        name=get_language_heading(code),
        words=translate(needed, form.lang),
        errors=sum(f"{name}.{code}" in errors for name in TEXTS),
        open=code == "pl" or filled > 0,
        priced=_is_used(f"tickets.price.{code}", form, errors),
        arrives=_is_used(f"arrival.{code}", form, errors),
    )


def _is_used(name: str, form: FormView, errors: Mapping[str, str]) -> bool:
    return bool(get_value(form.fields, name)) or name in errors


def _list_towns(region: Region, lang: str) -> list[str]:
    return sorted({each.seat for each in region.counties.values()}, key=lambda town: build_collation_key(town, lang))


def _get_month(form: FormView) -> str:
    return get_value(form.fields, "month") or find_month(form.fields)


def _get_years(form: FormView) -> range:
    return range(form.today.year, form.today.year + YEARS_AHEAD)


def _is_over(choice: str, form: FormView) -> bool:
    return get_limits(choice)[1] < form.today.isoformat()


def _list_months(form: FormView) -> Choices:
    choices = (f"{year}-{month:02}" for year in _get_years(form) for month in range(1, 13))
    return [(each, _format_span(each, form.lang)) for each in choices if not _is_over(each, form)]


def _list_seasons(form: FormView) -> Choices:
    labelled = (
        (f"{year}-{name}", labels.get_season_label(name, year)) for year in _get_years(form) for name in SEASONS
    )
    return [(each, label.in_language(form.lang)) for each, label in labelled if not _is_over(each, form)]


def _add_chosen(choices: Choices, chosen: str, lang: str) -> Choices:
    """Add the present choice if it is not offered: an earlier year, or a span without a name."""
    if not chosen or chosen in dict(choices):
        return choices
    return [(chosen, _format_span(chosen, lang)), *choices]


def _format_span(choice: str, lang: str) -> str:
    """Write a span as its month, or as its first and last day."""
    try:
        first, last = (date.fromisoformat(limit) for limit in get_limits(choice))
    except ValueError:
        return choice
    if choice == f"{first:%Y-%m}":
        return str(format_skeleton("yMMMM", first, locale=get_locale(lang)))
    return format_dates(Dates("exact", str(first), str(last)), lang)
