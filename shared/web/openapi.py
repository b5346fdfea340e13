"""Completes a service's OpenAPI document: description, common problems, examples."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from shared.region import Organisation
from shared.web.auth.roles import get_roles, iterate_routes
from shared.web.problems import PROBLEM_JSON, ProblemDocument, problem_responses

ANYWHERE: Final = (400, 414, 429, 431, 500, 503)
WITH_BODY: Final = (408, 413, 415, 422)
WITH_ROLE: Final = (401, 403)
METHODS: Final = frozenset({"get", "put", "post", "delete", "patch", "head"})
LICENCE: Final = {"name": "EUPL-1.2", "identifier": "EUPL-1.2"}
SERVERS: Final = ({"url": "/", "description": "the host that answers with this document"},)
GENERAL: Final = """
Errors are problem documents (RFC 9457) in the language of `Accept-Language` (pl, en, de): `detail` says what to do,
`errors` which field breaks which rule. Instants are UTC, times of events local as entered. Lists come in pages: `next`
is the `cursor` of the next one. 429 and 503 say in `Retry-After` when to come back.
"""


@dataclass(frozen=True, slots=True)
class Example:
    """``request`` and ``responses`` (by status) are JSON; ``media`` are 200 responses of other types."""

    request: Any = None
    responses: Mapping[int, Any] = field(default_factory=dict)
    media: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApiDescription:
    """``text`` is Markdown, ``tags`` have a text each; ``examples`` are by method and path: ``GET /api/v1/events``.

    ``licence`` is that of the program, or of the data where the API answers with public data.
    """

    text: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    examples: Mapping[str, Example] = field(default_factory=dict)
    licence: Mapping[str, str] = field(default_factory=lambda: dict(LICENCE))


def describe_api(app: FastAPI, description: ApiDescription, contact: Organisation) -> None:
    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _build_document(app, description, contact)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's own way of extending the document


def _build_document(app: FastAPI, description: ApiDescription, contact: Organisation) -> dict[str, Any]:
    found = get_openapi(
        title=app.title,
        version=app.version,
        description=f"{description.text.strip()}\n{GENERAL}".strip(),
        routes=app.routes,
        servers=list(SERVERS),
        tags=[{"name": name, "description": text} for name, text in description.tags.items()],
        contact={"name": contact.name} | ({"url": contact.website} if contact.website else {}),
        license_info=dict(description.licence),
    )
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas |= _build_problem_schemas()
    needing_role = _list_restricted_operations(app)
    for path, operations in found.get("paths", {}).items():
        for method in METHODS & operations.keys():
            _complete_operation(operations[method], has_role=(path, method) in needing_role)
    for place, example in description.examples.items():
        method, path = place.split()
        _add_example(found["paths"][path][method.lower()], example)
    return found


def _add_example(operation: dict[str, Any], example: Example) -> None:
    """Added to the finished document, because FastAPI would drop every null in it."""
    if example.request is not None:
        operation["requestBody"]["content"]["application/json"]["example"] = example.request
    for status, value in example.responses.items():
        operation["responses"][str(status)]["content"]["application/json"]["example"] = value
    for media_type, value in example.media.items():
        operation["responses"]["200"]["content"][media_type]["example"] = value


def _build_problem_schemas() -> dict[str, Any]:
    schema = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    fields: Mapping[str, Any] = schema.pop("$defs")
    return {"Problem": schema, **fields}


def _list_restricted_operations(app: FastAPI) -> set[tuple[str, str]]:
    guarded = (route for route in iterate_routes(app) if get_roles(route) is not None)
    return {(route.path or "", method.lower()) for route in guarded for method in route.methods or ()}


def _complete_operation(operation: dict[str, Any], *, has_role: bool) -> None:
    # FastAPI makes a summary of the function's name: "Put By Reference".
    operation["summary"] = re.split(r"[;:,.](?:\s|$)", operation.get("description", operation["summary"]))[0]
    statuses = set(ANYWHERE)
    if "requestBody" in operation:
        statuses |= set(WITH_BODY)
    if has_role:
        statuses |= set(WITH_ROLE)
    else:
        operation["security"] = []  # said, not left out: it is open to everybody
    responses = operation["responses"]
    # What FastAPI adds by itself is not how we answer: wrong parameters are 400, a wrong id is 404.
    if PROBLEM_JSON not in responses.get("422", {}).get("content", {PROBLEM_JSON: None}):
        del responses["422"]
    for status, response in problem_responses(*sorted(statuses)).items():
        responses.setdefault(str(status), response)
