"""Conditional requests and content coding (RFC 9110, sections 12.5.3 and 13.1.2). Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

MAX_LENGTH: Final = 200
"""Bytes of an ``Accept-Encoding`` that is read, and remembered."""
_TAG = re.compile(rb'\s*(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")\s*(?:,|$)')
_WEIGHT = re.compile(rb"q\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")


def match_etag(if_none_match: bytes, etag: bytes) -> bool:
    """Weak comparison with a list of tags; ``*`` matches everything, a malformed list nothing."""
    if if_none_match.strip() == b"*":
        return True
    found, position = [], 0
    while position < len(if_none_match):
        tag = _TAG.match(if_none_match, position)
        if tag is None:
            return False
        found.append(tag.group(1))
        position = tag.end()
    return etag in found


def accepts_gzip(accept_encoding: bytes) -> bool:
    """Whether a client prefers gzip, by name or by ``*``; a very long header is not parsed."""
    return len(accept_encoding) <= MAX_LENGTH and _prefers_gzip(accept_encoding)


@lru_cache(maxsize=512)
def _prefers_gzip(accept_encoding: bytes) -> bool:
    weights = {}
    for part in accept_encoding.lower().split(b","):
        name, _, parameter = part.strip().partition(b";")
        weights[name.strip()] = _parse_weight(parameter.strip())
    gzip = weights.get(b"gzip", weights.get(b"x-gzip", weights.get(b"*", 0.0)))
    return gzip > 0 and gzip >= weights.get(b"identity", 0.0)


def _parse_weight(parameter: bytes) -> float:
    """A malformed quality value counts as 0."""
    if not parameter:
        return 1.0
    found = _WEIGHT.fullmatch(parameter)
    return float(found[1]) if found else 0.0
