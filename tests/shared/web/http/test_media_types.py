"""Which media types are read."""

from __future__ import annotations

import pytest

from shared.web.http.media_types import is_form, is_json


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        "application/merge-patch+json",
        "application/json ; charset=UTF-8",
        'application/json;charset="utf-8"',
        "application/json; profile=x",
    ],
)
def test_json_is_known_by_its_type(content_type: str) -> None:
    assert is_json(content_type)


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "json",
        "text/json",
        "application/jsonp",
        "application/json,text/html",
        "application/json; charset=latin-1",
        "application/+json",
        "application/json; charset=utf-8; charset=utf-16",
        "application/jsonx",
    ],
)
def test_other_types_are_no_json(content_type: str) -> None:
    assert not is_json(content_type)


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "Application/X-WWW-Form-Urlencoded;charset=utf8"]
)
def test_a_form_is_known_by_its_type(content_type: str) -> None:
    assert is_form(content_type)


@pytest.mark.parametrize(
    "content_type", ["", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded;charset=punycode"]
)
def test_other_types_are_no_form(content_type: str) -> None:
    assert not is_form(content_type)
