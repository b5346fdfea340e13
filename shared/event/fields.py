"""Field registry: each field of an event, described once; form, labels, errors and diff are built from it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from shared.event.model import Event
from shared.i18n.text import Text, _, gettext_noop

# ``line``, ``text`` (paragraphs) and ``address`` are plain; the others have rules of their own.
Kind = Literal["line", "text", "address", "code", "list", "composite"]
Compared = Literal["words", "whole"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    name: str
    label: Text
    kind: Kind
    per_language: bool = False
    required: str | None = None  # the error where the field is missing
    limit: int = 200  # characters of a plain field, or of a code
    compared: Compared | None = "whole"  # None if two versions are not compared
    description: str | None = None  # for the API's documentation

    @property
    def is_plain(self) -> bool:
        return self.kind in {"line", "text", "address"}


# In the order in which an event is sent and stored.
FIELDS: Final[tuple[Field, ...]] = (
    Field(
        name="external_id",
        label=_("Your own identifier"),
        kind="code",
        limit=100,
        compared=None,
        description="your own name for it, unique in your organisation",
    ),
    Field(
        name="title",
        label=_("Title"),
        kind="line",
        per_language=True,
        required=gettext_noop("Give a title in Polish."),
        limit=120,
        compared="words",
        description="by language, with `pl`",
    ),
    Field(name="summary", label=_("Summary"), kind="text", per_language=True, limit=500, compared="words"),
    Field(
        name="description",
        label=_("Description"),
        kind="text",
        per_language=True,
        limit=10_000,
        compared="words",
        description="paragraphs parted by blank lines",
    ),
    Field(
        name="category",
        label=_("Kind"),
        kind="code",
        required=gettext_noop("Choose the kind of event."),
    ),
    Field(name="also", label=_("Also"), kind="list"),
    Field(
        name="dates",
        label=_("Dates"),
        kind="composite",
        required=gettext_noop("Say when the event is."),
    ),
    Field(
        name="arrival",
        label=_("Doors, meeting point or start of the route"),
        kind="line",
        per_language=True,
        limit=300,
        compared="words",
        description="when doors open, or where one meets, by language: “Doors from 18:00”",
    ),
    Field(
        name="venue",
        label=_("Place"),
        kind="composite",
        required=gettext_noop("Say where the event is."),
    ),
    Field(
        name="start_place",
        label=_("Starting point"),
        kind="composite",
        description="where what moves begins, such as a run or a cruise; lists and filters find it at its `venue`",
    ),
    Field(name="website", label=_("Website"), kind="address", limit=500),
    Field(name="tickets", label=_("Tickets"), kind="composite"),
    Field(name="accessibility", label=_("Accessibility"), kind="list"),
    Field(name="audience", label=_("Audience"), kind="list"),
    Field(name="ages", label=_("Age of the children"), kind="composite"),
    Field(name="setting", label=_("Indoors or outdoors"), kind="list"),
    Field(name="images", label=_("Pictures"), kind="list", description="the first one stands for the event"),
    Field(
        name="part_of",
        label=_("Part of"),
        kind="code",
        description="id of the submission of the umbrella event, such as the festival of a concert: one of your own "
        "organisation that is no part itself",
    ),
    Field(
        name="licence",
        label=_("Licence"),
        kind="code",
        description="SPDX identifier: how others may use texts and data of this event; without one as the region says",
    ),
    Field(
        name="contact",
        label=_("Contact for the curator, not published"),
        kind="composite",
        compared=None,
    ),
    Field(name="provenance", label=_("Where the data is from"), kind="composite", compared=None),
)


def get_field(name: str, fields: Sequence[Field] = FIELDS) -> Field:
    """Raises StopIteration if there is none."""
    return next(each for each in fields if each.name == name)


def sort_for_display(fields: Sequence[Field] = FIELDS) -> list[Field]:
    """The compared fields as pages show them: title, facts, long texts."""
    compared = [field for field in fields if field.compared]
    order = ["title", "part_of", "dates", "arrival", "venue", "start_place", "category", "also", "tickets", "website"]
    order += ["accessibility", "audience", "ages", "setting", "images"]
    return sorted(compared, key=lambda field: _get_display_rank(field, order))


def _get_display_rank(field: Field, order: Sequence[str]) -> int:
    if field.name in order:
        return order.index(field.name)
    return len(order) + (field.compared == "words")


def get_field_value(event: Event, field: Field) -> Any:  # noqa: ANN401 - a field of any kind
    return getattr(event, field.name, None) or event.extra.get(field.name)
