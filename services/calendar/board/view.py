"""View of the board: views with their numbers, columns that sort, rows; the table of counties and months."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.calendar.board.model import (
    STAGES,
    VIEWS,
    BoardFilter,
    Coverage,
    Sort,
    Stage,
    Standing,
    View,
    count_views,
    select,
)
from services.calendar.board.query import write_query
from shared.event.completeness import join_completeness, sum_completeness
from shared.event.date_phrases import format_day, format_month_name
from shared.i18n.languages import get_locale
from shared.i18n.text import Text, _, n_, p_, translate
from shared.region import Region
from shared.web.pages.kind_labels import KIND_LABELS
from shared.web.pages.layout import Link

VIEW_LABELS: Final[Mapping[View, Text]] = {
    "all": _("All"),
    "nothing_sent": _("Sent nothing"),
    "not_active": _("Never logged in"),
    "drafts_only": _("Drafts only"),
    "changes_requested": _("Have to change something"),
    "fewer": _("Fewer than last year"),
    "asked": _("Asked, no answer"),
}
STAGE_LABELS: Final[Mapping[Stage, Text]] = {
    "nothing": _("nobody invited"),
    "invited": p_("organisation", "invited"),
    "active": p_("organisation", "logged in"),
    "drafts": p_("organisation", "has drafts"),
    "sent": p_("organisation", "has sent"),
    "accepted": p_("organisation", "has accepted"),
}
MANY: Final = 5
"""Events of a county in a month from which on the cell is dark."""


@dataclass(frozen=True, slots=True)
class ViewLink:
    label: str
    count: int
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Column:
    """``sorted`` is "", "ascending" or "descending"."""

    label: str
    url: str
    sorted: str
    numeric: bool


@dataclass(frozen=True, slots=True)
class BoardRow:
    """``bricks`` says of each step whether it is reached; ``texts`` counts them by language, as "pl 3/3, en 1/3"."""

    slug: str
    name: str
    county: str
    stage: str
    bricks: Sequence[bool]
    drafts: int
    waiting: int
    changes: int
    accepted: int
    last_year: int
    lacking: str
    texts: str
    asked: int
    contact: str
    contact_kind: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class BoardView:
    year: int
    total: int
    silent: int
    texts: str
    views: Sequence[ViewLink]
    view_label: str
    columns: Sequence[Column]
    rows: Sequence[BoardRow]
    chips: Sequence[Link]
    query: str
    here: str
    tick_all: str
    filter: BoardFilter
    counties: Sequence[tuple[str, str]]
    kinds: Sequence[tuple[str, str]]


def make_view(
    standings: Sequence[Standing],
    chosen: BoardFilter,
    year: int,
    lang: str,
    region: Region,
    *,
    all_ticked: bool = False,
) -> BoardView:
    counts = count_views(standings)
    return BoardView(
        year=year,
        total=len(standings),
        silent=counts["nothing_sent"],
        texts=join_completeness(sum_completeness(each.entries.texts for each in standings)),
        views=[
            ViewLink(
                translate(VIEW_LABELS[view], lang),
                counts[view],
                _build_url(year, replace(chosen, view=view)),
                view == chosen.view,
            )
            for view in VIEWS
        ],
        view_label=translate(VIEW_LABELS[chosen.view], lang),
        columns=_list_columns(chosen, year, lang),
        rows=[make_row(each, lang, region, ticked=all_ticked) for each in select(standings, chosen, lang)],
        chips=_list_chips(chosen, year, lang, region),
        query=write_query(chosen),
        here=_build_url(year, chosen),
        tick_all=_build_url(year, chosen, tick="all"),
        filter=chosen,
        counties=region.list_county_labels(lang),
        kinds=_list_kinds({each.organisation.kind for each in standings}, lang),
    )


def make_row(standing: Standing, lang: str, region: Region, *, ticked: bool = False) -> BoardRow:
    organisation, entries, stage = standing.organisation, standing.entries, standing.stage
    county = region.counties.get(organisation.county or "")
    reached, contact = STAGES.index(stage), standing.last_contact
    seen = contact is not None and contact == standing.last_seen
    return BoardRow(
        slug=organisation.slug,
        name=organisation.name,
        county=county.get_label(lang) if county else "",
        stage=translate(STAGE_LABELS[stage], lang),
        bricks=[number <= reached for number in range(1, len(STAGES))],
        drafts=standing.drafts,
        waiting=entries.waiting,
        changes=entries.changes,
        accepted=entries.accepted,
        last_year=entries.last_year,
        lacking=" · ".join(f"{code} {count}" for code, count in entries.untranslated.items()),
        texts=join_completeness(entries.texts),
        asked=standing.asked,
        contact=format_day(contact, lang) if contact else "",
        contact_kind=translate(_("log-in") if seen else _("reminder"), lang) if contact else "",
        ticked=ticked,
    )


def _build_url(year: int, chosen: BoardFilter, **more: str) -> str:
    return f"/calendar/board/{year}{write_query(chosen, **more)}"


def _list_columns(chosen: BoardFilter, year: int, lang: str) -> list[Column]:
    labels: Mapping[Sort, Text] = {
        "name": _("Organisation"),
        "county": _("County"),
        "stage": _("How far"),
        "drafts": _("Drafts"),
        "waiting": _("Waiting"),
        "changes": _("To change"),
        "accepted": _("Accepted"),
        "last_year": _("Last year"),
    }
    columns = [_make_column(chosen, year, sort, translate(label, lang)) for sort, label in labels.items()]
    without = Column(translate(_("Untranslated"), lang), "", "", numeric=False)
    texts = Column(translate(_("Texts"), lang), "", "", numeric=False)
    return [*columns, without, texts, _make_column(chosen, year, "contact", translate(_("Last contact"), lang))]


def _make_column(chosen: BoardFilter, year: int, sort: Sort, label: str) -> Column:
    current = sort == chosen.sort
    numeric = sort in {"drafts", "waiting", "changes", "accepted", "last_year"}
    # Of numbers the largest are looked for first.
    turned = replace(chosen, sort=sort, descending=not chosen.descending if current else numeric)
    order = ("descending" if chosen.descending else "ascending") if current else ""
    return Column(label, _build_url(year, turned), order, numeric)


def _list_kinds(kinds: Collection[str], lang: str) -> list[tuple[str, str]]:
    """Pairs of kind and label, by label."""
    return sorted(((each, _name_kind(each, lang)) for each in kinds), key=lambda pair: pair[1])


def _name_kind(kind: str, lang: str) -> str:
    """A kind of a later release has no name yet."""
    return translate(KIND_LABELS[kind], lang) if kind in KIND_LABELS else kind


def _list_chips(chosen: BoardFilter, year: int, lang: str, region: Region) -> list[Link]:
    """The filters that are on, each as a link without it."""
    chips = []
    if chosen.county:
        county = region.counties.get(chosen.county)
        label = county.get_label(lang) if county else chosen.county
        chips.append(Link(label, _build_url(year, replace(chosen, county=""))))
    if chosen.kind:
        chips.append(Link(_name_kind(chosen.kind, lang), _build_url(year, replace(chosen, kind=""))))
    return chips


@dataclass(frozen=True, slots=True)
class CoverageCell:
    """``look`` is "none", "few" or "many"; ``words`` say county, month and number."""

    month: str
    count: int
    look: str
    words: str
    url: str


@dataclass(frozen=True, slots=True)
class CoverageRow:
    county: str
    cells: Sequence[CoverageCell]
    total: int


@dataclass(frozen=True, slots=True)
class CoverageView:
    months: Sequence[tuple[str, str]]
    rows: Sequence[CoverageRow]
    totals: Sequence[int]
    total: int
    gaps: int


def make_coverage_view(coverage: Coverage, year: int, lang: str, region: Region) -> CoverageView:
    short = get_locale(lang).months["format"]["abbreviated"]
    months = [(short[month].rstrip("."), format_month_name(month, lang)) for month in range(1, 13)]
    rows = [
        CoverageRow(
            county,
            [_make_cell(coverage.get(code, month), county, code, month, year, lang) for month in range(1, 13)],
            coverage.sum_county(code),
        )
        for code, county in region.list_county_labels(lang)
    ]
    totals = [coverage.sum_month(month) for month in range(1, 13)]
    return CoverageView(months, rows, totals, sum(totals), coverage.count_gaps())


def _make_cell(count: int, county: str, code: str, month: int, year: int, lang: str) -> CoverageCell:  # noqa: PLR0917 - a cell's place
    words = translate(n_("%(num)s event", "%(num)s events", count), lang)
    return CoverageCell(
        month=get_locale(lang).months["format"]["abbreviated"][month].rstrip("."),
        count=count,
        look="none" if not count else "many" if count >= MANY else "few",
        words=f"{county}, {format_month_name(month, lang)}: {words}",
        url=f"/calendar/programme/{year}?month={month}&county={code}"
        if count
        else f"/calendar/requests/new?county={code}&month={year:04}-{month:02}",
    )
