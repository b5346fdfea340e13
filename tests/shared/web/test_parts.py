"""The parts that every page is made of: what they say to eyes, to readers and to forms."""

import re
from datetime import date
from types import SimpleNamespace
from typing import Any

import jinja2
import pytest

from docs.contrast import measure_contrasts, read_tokens
from docs.styleguide import TEMPLATES as STYLE_GUIDE
from shared.i18n.text import load_translations
from shared.web.pages.accessibility import Statement, StatementDay, StatementView
from shared.web.pages.static import FOLDER, load_static_files
from shared.web.pages.tag_kinds import TAG_KINDS


@pytest.fixture(scope="module")
def parts() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([FOLDER.parent / "templates", STYLE_GUIDE]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    words = load_translations("pl")
    install = environment.install_gettext_callables  # type: ignore[attr-defined]
    install(words.gettext, words.ngettext, newstyle=True, pgettext=words.pgettext, npgettext=words.npgettext)
    environment.globals["static"] = load_static_files().get_url
    environment.globals["tag_kinds"] = TAG_KINDS
    return environment


def drawn(parts: jinja2.Environment, source: str, **values: Any) -> str:  # noqa: ANN401 - what a template is filled with
    """Render a piece of template; blanks between words are one space."""
    return " ".join(parts.from_string(source).render(**values).split())


def page(**changes: Any) -> SimpleNamespace:  # noqa: ANN401 - any of the page's own values
    link = {"label": "Program", "name": "Polski", "code": "pl", "url": "/pl/", "current": True}
    known = {
        "lang": "pl",
        "languages": [link, {**link, "name": "Deutsch", "code": "de", "url": "/de/", "current": False}],
        "nav": [link],
        "title": "Program 2027",
        "error": False,
        "region_name": "Pomorze Zachodnie",
        "region_publisher": "ZROT",
        "theme": "",
        "theme_links": [link],
        "redraw": None,
        "account": None,
        "csrf": "a-token",
        "logout_url": "/ingest/logout",
        "profile_url": "/ingest/profile",
        "flash": None,
        "service": "distribution",
        "staff": False,
        "footer": [{"label": "Deklaracja dostępności", "url": "/pl/deklaracja-dostepnosci"}],
    }
    return SimpleNamespace(**{**known, **changes})


def exact(**changes: str) -> dict[str, str]:
    return {"state": "exact", "weekday": "sob–pn", "day": "14–16", "month": "sie", "until": "", **changes}


STAMP = '{% from "parts/stamp.html" import stamp %}{{ stamp(block) }}'
FIELD = '{% from "parts/field.html" import field %}'


def test_a_stamp_is_drawn_for_the_eye_only(parts: jinja2.Environment) -> None:
    assert drawn(parts, STAMP, block=exact()) == (
        '<span class="stamp exact" aria-hidden="true"><span>sob–pn</span><span class="days">14–16</span>'
        "<span>sie</span></span>"
    )


def test_a_stamp_across_months_has_both_ends(parts: jinja2.Environment) -> None:
    assert ">31 lip</span>" in drawn(parts, STAMP, block=exact(day="31", month="lip", until="2 sie"))
    assert ">– 2 sie</span>" in drawn(parts, STAMP, block=exact(day="31", month="lip", until="2 sie"))


def test_a_stamp_of_a_month_asks_for_the_day(parts: jinja2.Environment) -> None:
    block = exact(state="month", weekday="", day="")
    assert drawn(parts, STAMP, block=block) == (
        '<span class="stamp month" aria-hidden="true"><span class="span">sie</span><span>dzień?</span></span>'
    )


def test_every_kind_of_tag_is_a_word(parts: jinja2.Environment) -> None:
    kinds = "provisional month season cancelled free fallback new change answer waiting changes_requested accepted"
    for kind in (*kinds.split(), "rejected", "withdrawn"):
        shown = drawn(parts, '{% from "parts/tag.html" import tag %}{{ tag(kind) }}', kind=kind)
        assert re.search(r"\w+</span>$", shown), kind


def test_a_fallback_tag_says_its_language_to_readers(parts: jinja2.Environment) -> None:
    source = '{% from "parts/tag.html" import tag %}{{ tag("fallback", "tylko po polsku", "pl") }}'
    assert drawn(parts, source) == '<span class="tag amber" lang="pl">tylko po polsku</span>'


def test_the_wall_has_three_tones_by_the_share_of_the_busiest_month(parts: jinja2.Environment) -> None:
    months = [
        {"label": str(count), "url": "#", "count": count, "words": f"{count} wydarzeń", "current": False}
        for count in (100, 45, 44, 15, 14, 0)
    ]
    shown = drawn(parts, '{% from "parts/wall.html" import wall %}{{ wall("Miesiące 2027", months) }}', months=months)
    assert re.findall(r'<li(?: class="(\w+)")?>', shown) == ["busy", "busy", "middling", "middling", "", ""]


def test_the_wall_of_a_year_without_events_is_quiet(parts: jinja2.Environment) -> None:
    months = [{"label": "sty", "url": "#", "count": 0, "words": "0 wydarzeń", "current": True}]
    shown = drawn(parts, '{% from "parts/wall.html" import wall %}{{ wall("2027", months) }}', months=months)
    assert "<li><a" in shown
    assert 'aria-current="true"' in shown


def test_a_row_has_one_link_and_machine_readable_days(parts: jinja2.Environment) -> None:
    event = {
        "stamp": exact(),
        "title": "Żagle",
        "title_lang": "pl",
        "url": "/de/events/1",
        "when": [("Sa, 14.", "2027-08-14"), (" – ", ""), ("Mo, 16. August 2027", "2027-08-16")],
        "where": "Stettin",
        "kind": "",
        "tags": [],
    }
    shown = drawn(parts, '{% from "parts/row.html" import row %}{{ row(event) }}', event=event)
    assert re.findall("<a [^>]*>", shown) == ['<a href="/de/events/1" lang="pl">']
    assert re.findall('datetime="([^"]+)"', shown) == ["2027-08-14", "2027-08-16"]


def test_a_field_is_described_by_its_hint_and_its_error(parts: jinja2.Environment) -> None:
    shown = drawn(parts, FIELD + '{{ field("title.de", "Tytuł", value="X", hint="Krótki.", error="Za długi.") }}')
    assert 'aria-describedby="title-de-hint title-de-error"' in shown
    assert 'aria-invalid="true"' in shown
    assert 'for="title-de"' in shown


def test_a_plain_field_is_described_by_nothing(parts: jinja2.Environment) -> None:
    shown = drawn(parts, FIELD + '{{ field("title.de", "Tytuł") }}')
    assert shown == (
        '<div class="field"> <label for="title-de">Tytuł</label> '
        '<input type="text" value="" id="title-de" name="title.de"> </div>'
    )


def test_a_limit_is_told_and_never_cuts(parts: jinja2.Environment) -> None:
    shown = drawn(parts, FIELD + '{{ field("title.pl", "Tytuł", limit=120) }}')
    assert "Do 120 znaków." in shown
    assert "maxlength" not in shown


@pytest.mark.parametrize("kind", ["text", "email", "url", "tel", "search", "date", "time", "number"])
def test_a_value_is_kept_and_escaped_in_an_input(parts: jinja2.Environment, kind: str) -> None:
    shown = drawn(parts, FIELD + "{{ field('a', 'A', kind, value) }}", kind=kind, value='"><b>')
    assert f'<input type="{kind}" value="&#34;&gt;&lt;b&gt;"' in shown


def test_a_text_area_keeps_its_first_empty_line(parts: jinja2.Environment) -> None:
    template = parts.from_string(FIELD + "{{ field('a', 'A', 'textarea', '\n<b>') }}")
    assert "\n\n&lt;b&gt;</textarea>" in template.render()


def test_a_select_keeps_its_choice(parts: jinja2.Environment) -> None:
    source = FIELD + '{{ field("y", "Rok", "select", 2027, options=[(2026, "2026"), (2027, "2027")], empty="Rok") }}'
    assert re.findall(r'value="(\w*)"( selected)?', drawn(parts, source)) == [
        ("", ""),
        ("2026", ""),
        ("2027", " selected"),
    ]


def test_the_link_of_an_error_leads_to_the_first_choice_of_its_group(parts: jinja2.Environment) -> None:
    source = (
        '{% from "parts/field.html" import radios %}{{ radios("a.b", "?", [("x", "X"), ("y", "Y")], "y", error="!") }}'
    )
    shown = drawn(parts, source)
    assert re.findall('<input type="radio" id="([^"]+)"', shown) == ["a-b", "a-b-2"]
    assert re.findall('value="(.)" checked', shown) == ["y"]


def test_what_is_optional_says_so_and_what_is_required_has_no_mark(parts: jinja2.Environment) -> None:
    shown = drawn(parts, FIELD + '{{ field("a", "A", optional=true) }}{{ field("b", "B") }}')
    assert shown.count("(nieobowiązkowe)") == 1
    assert "*" not in shown


def test_the_error_summary_takes_the_focus_but_only_its_inside_is_announced(parts: jinja2.Environment) -> None:
    source = '{% from "parts/errors.html" import error_summary %}{{ error_summary(errors) }}'
    shown = drawn(parts, source, errors=[{"id": "end", "text": "Koniec jest przed początkiem."}])
    assert shown.startswith('<div class="errors" tabindex="-1" autofocus> <div role="alert">')
    assert '<a href="#end">Koniec jest przed początkiem.</a>' in shown
    assert drawn(parts, source, errors=[]) == ""


def test_a_language_with_an_error_is_open(parts: jinja2.Environment) -> None:
    source = """{% from "parts/form.html" import language_part %}
    {% call language_part("de", "Deutsch", "1 z 3 pól", errors=1) %}x{% endcall %}"""
    assert '<details class="fold bad" id="texts-de" open>' in drawn(parts, source)


def test_a_difference_is_said_to_readers_and_nothing_is_a_word(parts: jinja2.Environment) -> None:
    rows = [{"label": "Tytuł (de)", "before": [], "after": [("ins", "Żagle"), ("same", " 2027")]}]
    shown = drawn(parts, '{% from "parts/diff.html" import diff %}{{ diff(rows, "Było", "Jest", "Pola") }}', rows=rows)
    assert '<ins><span class="unseen">dodano: </span>Żagle</ins> 2027' in shown
    assert '<span class="nothing">brak</span>' in shown


def test_a_text_that_is_changed_throughout_says_so_and_is_not_marked(parts: jinja2.Environment) -> None:
    rows = [{"label": "Opis", "before": [("del", "Stary")], "after": [("ins", "Nowy")], "throughout": True}]
    shown = drawn(parts, '{% from "parts/diff.html" import diff %}{{ diff(rows, "Było", "Jest", "Pola") }}', rows=rows)
    assert "zmienione w całości" in shown
    assert "<ins>" not in shown
    assert "<del>" not in shown
    assert "<span>Stary</span>" in shown


def test_a_table_writes_out_the_roles_that_display_takes_away(parts: jinja2.Environment) -> None:
    source = """{% from "parts/table.html" import table, table_row, head_cell, cell %}
    {% call table("Kolejka", [{"label": "Czeka", "url": "?sort=age", "sort": "descending"}]) %}
    {% call table_row() %}
    {% call head_cell() %}Żagle{% endcall %}{% call cell("Czeka") %}7 dni{% endcall %}
    {% endcall %}
    {% endcall %}"""
    shown = drawn(parts, source)
    roles = ["table", "rowgroup", "row", "columnheader", "rowgroup", "row", "rowheader", "cell"]
    assert re.findall('role="([a-z]+)"', shown) == roles
    assert 'aria-sort="descending"' in shown


def test_the_layout_leads_past_the_head_and_names_the_language(parts: jinja2.Environment) -> None:
    shown = drawn(parts, '{% extends "layout.html" %}{% block main %}<h1>X</h1>{% endblock %}', page=page(theme="dark"))
    assert '<html lang="pl" data-theme="dark">' in shown
    assert '<body> <a class="skip" href="#main">' in shown
    assert '<a href="/de/" lang="de" hreflang="de">Deutsch</a>' in shown
    assert "<title>Program 2027 – Kalendarium</title>" in shown
    assert "<script" not in shown


def test_the_title_of_a_page_with_errors_begins_with_them(parts: jinja2.Environment) -> None:
    shown = drawn(parts, '{% extends "layout.html" %}', page=page(error=True, title="Nowe wydarzenie"))
    assert "<title>Błąd: Nowe wydarzenie – Kalendarium</title>" in shown


def test_a_staff_page_has_the_organisation_and_the_way_out(parts: jinja2.Environment) -> None:
    account = SimpleNamespace(name="Anna", organisation="LOT Szczecin", role="editor", hats=())
    shown = drawn(parts, '{% extends "layout.html" %}', page=page(staff=True, account=account))
    assert "<span>LOT Szczecin</span>" in shown
    assert '<form method="post" action="/ingest/logout"> <input type="hidden" name="csrf" value="a-token">' in shown


def test_a_problem_says_what_to_do(parts: jinja2.Environment) -> None:
    problem = {"title": "Nie ma takiej strony", "detail": "Wydarzenie wycofano.", "links": []}
    shown = drawn(parts, '{% include "problem.html" %}', page=page(), problem=problem)
    assert '<h1>Nie ma takiej strony</h1> <p class="lede">Wydarzenie wycofano.</p>' in shown


def test_the_login_keeps_the_address_and_never_the_password(parts: jinja2.Environment) -> None:
    login = {
        "action": "/ingest/login",
        "password_url": "/ingest/password",
        "email": "a@lot.example",
        "next": "/ingest/",
        "errors": {"email": "Nie zgadza się."},
        "kept": [("title.pl", "Żagle & wiatr", "")],
        "reason": "session",
        "note": "Sesja wygasła.",
    }
    shown = drawn(parts, '{% include "login.html" %}', page=page(error=True), login=login)
    assert '<a href="#email">Nie zgadza się.</a>' in shown
    assert 'value="a@lot.example"' in shown
    assert "Żagle &amp; wiatr</textarea>" in shown
    assert '<input type="password" value="" id="password"' in shown


def test_the_accessibility_statement_carries_the_fixed_ids(parts: jinja2.Environment) -> None:
    day, shown_day = date(2026, 11, 21), StatementDay("2026-11-21", "21 listopada 2026")
    statement = StatementView(
        facts=Statement(
            published=day,
            updated=day,
            prepared=day,
            status="partial",
            email="biuro@zrot.example",
            phone="+48 91 000 00 00",
            address="Szczecin",
        ),
        entity="ZROT",
        site_name="Kalendarium",
        url="https://kalendarium.example/",
        published=shown_day,
        updated=shown_day,
        prepared=shown_day,
        reviewed=shown_day,
        barriers=["Mapy zewnętrznego serwisu nie da się obsłużyć klawiaturą."],
        architecture=["Wejście bez schodów."],
        communication=["Można zadzwonić."],
    )
    shown = drawn(parts, '{% include "accessibility.html" %}', page=page(), statement=statement)
    required = (
        "wstep podmiot zakres url data-publikacja data-aktualizacja status kontakt email telefon procedura "
        "data-sporzadzenie data-przeglad architektura komunikacja"
    )
    assert [name for name in required.split() if shown.count(f'id="a11y-{name}"') != 1] == []


def test_the_styleguide_shows_every_part_and_every_pair_of_colours(parts: jinja2.Environment) -> None:
    pairs = measure_contrasts(read_tokens((FOLDER / "site.css").read_text(encoding="utf-8")))
    shown = drawn(parts, '{% include "styleguide.html" %}', page=page(), pairs=pairs)
    known = "wall stamp row tag field errors fold filter cards diff decide note flash notice pagination facts feeds"
    classes = {name for said in re.findall('class="([^"]+)"', shown) for name in said.split()}
    assert {*known.split(), "thread", "empty", "contents", "dates", "hero", "skip"} - classes == set()
    assert shown.count('class="swatch"') == len(pairs)
    assert "za mało" not in shown


def test_no_id_stands_twice_in_the_styleguide(parts: jinja2.Environment) -> None:
    shown = drawn(parts, '{% include "styleguide.html" %}', page=page(), pairs=[])
    ids = re.findall(r'\sid="([^"]+)"', shown)
    assert sorted(ids) == sorted(set(ids))
