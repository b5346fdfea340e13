"""A plain field that the registry gains: taken, kept, shown and compared, with nothing else changed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.calendar.entry.diff import FieldChange, list_changes
from services.calendar.entry.view import EventView
from services.ingest.form.mapping import parse_form, write_form
from services.ingest.form.view import FormView, make_context
from services.ingest.submission import view
from services.ingest.submission.content import make_event_model, read_event, write_event
from services.ingest.submission.field_errors import ValidationFailed
from services.ingest.submission.model import submit
from shared.event.fields import FIELDS, Field
from shared.event.model import parse_event
from shared.i18n.text import Text
from shared.messages import Organiser
from shared.region import Region, load_region
from shared.web.pages.parts import Fact
from tests.services.ingest.builders import KNOWN, make_event
from tests.services.ingest.conftest import REGION

MADE_UP = Field(name="dress_code", label=Text("Dress code"), kind="line", limit=20)
WITH_IT = (*FIELDS, MADE_UP)
MODEL = make_event_model(WITH_IT)


@pytest.fixture(scope="module")
def region() -> Region:
    return load_region(REGION)


def sent(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - an event's fields are of all kinds
    return make_event(dress_code="a captain's hat", **changes)


def test_a_new_field_is_taken_kept_and_sent_on() -> None:
    event = read_event(sent(), KNOWN, model=MODEL)
    _, [message] = submit(event, id="01", organiser=Organiser("lot", "LOT"), at="2026-11-21T10:00:00.000Z")

    assert write_event(event) == sent()
    assert message.event["dress_code"] == "a captain's hat"


def test_a_new_field_is_refused_beyond_its_limit() -> None:
    with pytest.raises(ValidationFailed) as caught:
        read_event(sent() | {"dress_code": "x" * 21}, KNOWN, model=MODEL)

    assert [(error.field, error.code) for error in caught.value.errors] == [("dress_code", "too_long")]


def test_a_new_field_stands_in_the_form_and_comes_back_from_it(region: Region) -> None:
    event = read_event(sent(), KNOWN, model=MODEL)
    fields = write_form(event, registry=WITH_IT)
    form = make_context(FormView(fields, (), "en", region, date(2027, 1, 1), WITH_IT))

    assert (form.plain, form.values["dress_code"]) == ([MADE_UP], "a captain's hat")
    assert read_event(parse_form(fields, event, registry=WITH_IT), KNOWN, model=MODEL) == event


def test_a_new_field_is_among_the_facts_of_both_services(region: Region) -> None:
    event = read_event(sent(), KNOWN, model=MODEL)
    public = parse_event({name: value for name, value in sent().items() if name != "contact"})

    submitted = view.list_facts(event, "en", region, registry=WITH_IT)

    assert Fact("Dress code", ["a captain's hat"]) in submitted
    assert Fact("Dress code", ["a captain's hat"]) in EventView(region, "en", WITH_IT).list_facts(public)


def test_a_change_of_a_new_field_is_seen() -> None:
    before, after = parse_event(make_event(contact=None)), parse_event(sent(contact=None))

    assert list_changes(before, after, WITH_IT) == [
        FieldChange(field="dress_code", live=None, proposal="a captain's hat")
    ]


def test_a_new_field_stands_in_the_documentation_of_the_api() -> None:
    assert MODEL.model_json_schema()["properties"]["dress_code"]["anyOf"][0] == {"maxLength": 20, "type": "string"}
