"""Each operation is shown with an example of what it takes and gives, and each example is what its schema says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from icalendar import Calendar
from jsonschema import Draft202012Validator

from docs.reference import openapi
from services.ingest import description
from services.ingest.state import make_vocabulary
from services.ingest.submission.content import read_event, write_event
from shared.region import load_region

REGION: Final = Path(__file__).parents[2] / "deploy" / "region"
DOCUMENTS: Final = openapi()
METHODS: Final = frozenset({"get", "put", "post", "delete", "patch"})
NO_BODY: Final = frozenset({"204"})
Content = dict[str, Any]


def contents(document: dict[str, Any]) -> Iterator[tuple[str, Content]]:
    """What each operation takes, and gives when it succeeds: a name, and the media type's object."""
    for path, operations in document["paths"].items():
        for method in sorted(METHODS & operations.keys()):
            name, operation = f"{method.upper()} {path}", operations[method]
            for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
                yield f"{name} takes {media_type}", content
            for status, response in operation["responses"].items():
                if httpx.codes.is_success(int(status)) and status not in NO_BODY:
                    assert response["content"], f"{name} {status} says nothing of its content"
                    yield from ((f"{name} gives {status} {kind}", each) for kind, each in response["content"].items())


CONTENTS: Final = [
    pytest.param(document, content, id=f"{service}: {name}")
    for service, document in DOCUMENTS.items()
    for name, content in contents(document)
    if content["schema"].get("format") != "binary"  # a file, which JSON does not hold
]


@pytest.mark.parametrize(("document", "content"), CONTENTS)
def test_content_has_an_example_that_its_schema_allows(document: dict[str, Any], content: Content) -> None:
    schema = content["schema"] | {"components": document["components"]}

    assert [error.message for error in Draft202012Validator(schema).iter_errors(content["example"])] == []


def test_the_event_that_is_shown_can_be_sent_and_is_kept_as_it_is() -> None:
    assert write_event(read_event(description.EVENT, make_vocabulary(load_region(REGION)))) == description.EVENT


def test_the_calendar_that_is_shown_can_be_read() -> None:
    shown = DOCUMENTS["distribution"]["paths"]["/feeds/{file}"]["get"]["responses"]["200"]["content"]

    [event] = Calendar.from_ical(shown["text/calendar"]["example"]).events

    assert str(event["SUMMARY"]) == "Żagle"


@pytest.mark.parametrize("service", DOCUMENTS)
def test_every_component_that_is_named_exists(service: str) -> None:
    document = DOCUMENTS[service]

    named = {each["$ref"] for each in objects(document) if isinstance(each.get("$ref"), str)}

    assert {name for name in named if find(document, name) is None} == set()


def objects(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - JSON of all kinds
    """Every object of a document, however deep."""
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(each)


def find(document: dict[str, Any], reference: str) -> Any:  # noqa: ANN401 - whatever is there
    """Give what a reference names; None if there is nothing."""
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found.get(part) if isinstance(found, dict) else None
    return found
