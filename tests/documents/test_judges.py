"""The documents of the APIs and of the log are valid, and say enough, by other people's judges."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.documents.judges import ROOT, judge, written

OPENAPI: Final = sorted((ROOT / "docs" / "openapi").glob("*.json"))
ASYNCAPI: Final = ROOT / "docs" / "asyncapi.yaml"


def read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return found


def broken(file: Path) -> dict[str, Any]:
    """A document as ours once was: a security scheme whose name cannot be a key, no description, no servers."""
    document = read(file)
    document["components"]["securitySchemes"] = {"API key": {"type": "http", "scheme": "bearer"}}
    del document["info"]["description"], document["servers"]
    return document


def test_there_are_documents_to_judge() -> None:
    assert [file.stem for file in OPENAPI] == ["calendar", "distribution", "ingest"]


@pytest.mark.parametrize("file", OPENAPI, ids=lambda file: file.stem)
def test_openapi_document_is_valid(file: Path) -> None:
    assert list(OpenAPIV31SpecValidator(read(file)).iter_errors()) == []


def test_spectral_and_redocly_find_nothing() -> None:
    assert judge("openapi", *OPENAPI) == {file: [] for file in OPENAPI}


def test_the_asyncapi_parser_finds_nothing() -> None:
    assert judge("asyncapi", ASYNCAPI) == {ASYNCAPI: []}


def test_each_judge_finds_what_is_wrong(tmp_path: Path) -> None:
    openapi = written(tmp_path, "openapi", broken(OPENAPI[0]))
    asyncapi = written(tmp_path, "asyncapi", read(ASYNCAPI) | {"operations": {"sends": {"action": "shout"}}})

    found = judge("openapi", openapi)[openapi] + judge("asyncapi", asyncapi)[asyncapi]

    assert {each["judge"] for each in found} == {"spectral", "redocly", "asyncapi"}
    assert {"info-description", "no-empty-servers", "spec-components-invalid-map-name"} <= {
        each["rule"] for each in found
    }
    assert list(OpenAPIV31SpecValidator(read(openapi)).iter_errors()) != []
