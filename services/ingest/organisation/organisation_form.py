"""The form of a new organisation, and the name of one that exists."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from anyascii import anyascii
from starlette.datastructures import FormData

from shared.accounts.organisations import MAX_NAME, OrganisationRecord
from shared.i18n.text import Text, _
from shared.plain_text import clean_line
from shared.region import Region
from shared.web.forms import read_field
from shared.web.pages.kind_labels import KIND_LABELS

MAX_SLUG: Final = 80
SLUG_TAKEN: Final = _("Another organisation has this short name. Give another one.")
_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class OrganisationValues:
    """As they were sent; an empty ``slug`` is made from the name."""

    name: str = ""
    slug: str = ""
    kind: str = ""
    county: str = ""


def read_name(form: FormData) -> tuple[str, dict[str, Text]]:
    """In one line, and what is wrong with it."""
    name = clean_line(read_field(form, "name"))
    if not name:
        return name, {"name": _("Fill in this field.")}
    if len(name) > MAX_NAME:
        return name[: 2 * MAX_NAME], {"name": _("At most %(longest)s characters.", longest=MAX_NAME)}
    return name, {}


def read_organisation(
    form: FormData, region: Region
) -> tuple[OrganisationValues, OrganisationRecord | None, dict[str, Text]]:
    """Read what was sent, as an organisation if there are no errors."""
    name, errors = read_name(form)
    values = OrganisationValues(
        name, read_field(form, "slug").strip()[:200], read_field(form, "kind")[:50], read_field(form, "county")[:50]
    )
    slug = values.slug or make_slug(name)
    if not errors and (not _SLUG.fullmatch(slug) or len(slug) > MAX_SLUG):
        errors["slug"] = _("Small letters without accents, digits and single hyphens, at most 80 characters.")
    if values.kind not in KIND_LABELS:
        errors["kind"] = _("Choose a kind.")
    if values.county and values.county not in region.counties:
        errors["county"] = _("Choose a county of the region, or none.")
    if errors:
        return values, None, errors
    return values, OrganisationRecord(slug, name, values.kind, values.county or None), errors


def make_slug(name: str) -> str:
    """Make ``zamek-ksiazat`` of "Zamek Książąt"; empty if nothing of it can be spelt."""
    words = re.findall(r"[a-z0-9]+", anyascii(name).casefold())
    return "-".join(words)[:MAX_SLUG].rstrip("-")
