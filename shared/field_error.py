"""A field error: what is wrong with one field that somebody sent, and what to do about it. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """``field`` is its path (``dates.end``, ``title.de``), empty for the whole; ``code`` names the rule for programs.

    ``message`` says what to do: a :class:`~shared.i18n.text.Text`, or words already in the reader's language.
    """

    field: str
    message: str
    code: str
