"""What a service's OpenAPI document says of refusals: the same for every operation, so that it is said once here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from shared.web.access import roles_of, routes_of
from shared.web.problems import PROBLEM_JSON, ProblemDocument, answers

ANYWHERE: Final = (400, 414, 429, 431, 500, 503)
WITH_BODY: Final = (408, 413, 415, 422)
WITH_ROLE: Final = (401, 403)
METHODS: Final = frozenset({"get", "put", "post", "delete", "patch", "head"})


def describe_problems(app: FastAPI) -> None:
    """Let an app's OpenAPI document hold the problems that any of its operations may answer with."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's own way of extending the document


def _completed(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas |= _problem_schemas()
    needing_role = _operations_for_roles(app)
    for path, operations in found.get("paths", {}).items():
        for method in METHODS & operations.keys():
            _complete(operations[method], has_role=(path, method) in needing_role)
    return found


def _problem_schemas() -> dict[str, Any]:
    schema = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    fields: Mapping[str, Any] = schema.pop("$defs")
    return {"Problem": schema, **fields}


def _operations_for_roles(app: FastAPI) -> set[tuple[str, str]]:
    guarded = (route for route in routes_of(app) if roles_of(route) is not None)
    return {(route.path or "", method.lower()) for route in guarded for method in route.methods or ()}


def _complete(operation: dict[str, Any], *, has_role: bool) -> None:
    statuses = set(ANYWHERE)
    if "requestBody" in operation:
        statuses |= set(WITH_BODY)
    if has_role:
        statuses |= set(WITH_ROLE)
    responses = operation["responses"]
    # What FastAPI adds by itself is not how we answer: wrong parameters are 400, a wrong id is 404.
    if PROBLEM_JSON not in responses.get("422", {}).get("content", {PROBLEM_JSON: None}):
        del responses["422"]
    for status, response in answers(*sorted(statuses)).items():
        responses.setdefault(str(status), response)
