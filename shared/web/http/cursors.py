"""Cursors: a position in an order, encoded for an address. Pure."""

from __future__ import annotations

import base64
import binascii
from typing import TypeVar

import msgspec
from msgspec.json import Decoder

Position = TypeVar("Position")


class InvalidCursor(Exception):
    pass


def encode_cursor(position: object) -> str:
    """``position`` is encoded as JSON."""
    return _write(msgspec.json.encode(position))


def decode_cursor(cursor: str, decoder: Decoder[Position]) -> Position:
    """Raises InvalidCursor: it is not one that we encoded."""
    try:
        return decoder.decode(_read(cursor))
    except msgspec.MsgspecError as error:
        raise InvalidCursor from error


def encode_text_cursor(position: str) -> str:
    return _write(position.encode())


def decode_text_cursor(cursor: str) -> str:
    """Raises InvalidCursor: it is not one that we encoded."""
    try:
        return _read(cursor).decode()
    except UnicodeDecodeError as error:
        raise InvalidCursor from error


def _write(position: bytes) -> str:
    return base64.urlsafe_b64encode(position).decode().rstrip("=")


def _read(cursor: str) -> bytes:
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidCursor from error
