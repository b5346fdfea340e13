"""Lets schemathesis ask a running service whatever its OpenAPI document allows and does not allow."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from schemathesis import openapi
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema
from schemathesis.engine.events import EngineEvent, FatalError, NonFatalError, ScenarioFinished

from tests.support.running import ROOT

SEED: Final = 20271114
BY_OUR_RULES: Final = ["2xx", "3xx", "401", "403", "404", "409", "410", "412", "422"]
"""How a request may be answered that its document allows: 422 for a rule that no schema can say (an end before its
start, a code that the region does not have), 412 for a number that has moved on."""
BY_CODES: Final = [*BY_OUR_RULES, "400"]
"""The same for reading: 400 for a filter's code that the region does not have, and a cursor that we did not give."""
REFUSED: Final = ["400", "401", "403", "404", "405", "406", "409", "412", "415", "422", "428"]
"""How a request must be answered that its document does not allow: 412 for an ``If-Match`` that names no number."""


def complaints(
    document: Mapping[str, Any], address: str, headers: Mapping[str, str], *, examples: int, stateful: bool
) -> dict[str, list[str]]:
    """Ask a service everything, and give what is wrong with its answers, by what was asked.

    Args:
        document: its OpenAPI document.
        address: where it answers.
        headers: by what it is told who asks.
        examples: how many requests of each kind each operation gets besides those that cover its document.
        stateful: whether operations are also asked one after the other, with ids that were answered before.

    """
    reading = {"include-method": "GET", "checks": {"positive_data_acceptance": {"expected-statuses": BY_CODES}}}
    config = SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            "base-url": address,
            "headers": dict(headers),
            "request-timeout": 60,
            "generation": {"max-examples": examples, "deterministic": True, "no-shrink": True, "database": "none"},
            "phases": {"stateful": {"enabled": stateful}},
            "checks": {
                "positive_data_acceptance": {"expected-statuses": BY_OUR_RULES},
                "negative_data_rejection": {"expected-statuses": REFUSED},
                "missing_required_header": {"expected-statuses": ["400", "401", "403", "406", "415", "422", "428"]},
            },
            "operations": [reading],
        }
    )
    schema = openapi.from_dict(dict(document), config=config)
    found: dict[str, list[str]] = {}
    for event in from_schema(schema).execute():
        for asked, wrong in _wrong(event):
            found.setdefault(asked, [])
            if wrong not in found[asked]:
                found[asked].append(wrong)
    return found


def _wrong(event: EngineEvent) -> Iterator[tuple[str, str]]:
    match event:
        case ScenarioFinished():
            failed = [one for checks in event.recorder.checks.values() for one in checks if one.failure_info]
            for info in (each.failure_info for each in failed if each.failure_info):
                said = f"{info.failure.title}: {info.failure.message}\n{info.code_sample}"
                yield event.label or "one after the other", said
        case NonFatalError():
            yield event.label, f"{type(event.value).__name__}: {event.value}"
        case FatalError():
            yield "schemathesis", f"{type(event.exception).__name__}: {event.exception}"


def document_of(service: str) -> dict[str, Any]:
    """Read the OpenAPI document of a service, which a test keeps current."""
    found: dict[str, Any] = json.loads((ROOT / "docs" / "openapi" / f"{service}.json").read_text(encoding="utf-8"))
    return found
