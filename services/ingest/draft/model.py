"""A draft: the form's fields as typed, and the merge of what several pages type into it.

A page sends along what it showed (``Seen``): a digest of each field as this page last had it. So a save tells which
fields the page has changed, however old it is. A field that only one side changed is merged silently. Of a field that
both changed the newer text stands and the other is kept next to it until somebody chooses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from services.ingest.form.mapping import NAMES, FormValues, is_field
from services.ingest.form.repeat_fields import MAX_CHANGES, list_days

MAX_VALUES: Final = 100
"""Of one field: boxes of a group."""
MAX_CHARACTERS: Final = 150_000
"""Of all values, as a form may have."""
MAX_STORED: Final = 3 * MAX_CHARACTERS
"""With the texts next to those that stand."""
MAX_NAMES: Final = len(NAMES) + 20 * MAX_CHANGES
"""Of fields: those that each form has, and of each change of a date its notes and times."""
MAX_OTHERS: Final = 5
"""Texts kept next to one field: of so many pages that type into it at once."""
DIGEST_LENGTH: Final = 12

OriginKind = Literal["copy", "rollover", "edit", "request"]
Ending = Literal["sent", "discarded"]
Values = tuple[str, ...]
Seen = Mapping[str, str]
"""Digests by field name; a field that was empty is missing."""


class DraftTooLarge(Exception):
    """More values or characters than a draft holds."""


class TextsUnseen(Exception):
    """A choice between texts was made on a page that did not show all of them, or one that is gone."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(draft.id)
        self.draft = draft


@dataclass(frozen=True, slots=True)
class Origin:
    """What a draft was made from: an event copied, rolled over into ``year``, or edited at ``version``.

    Of an answer to a request, ``submission_id`` is the id of the request.
    """

    kind: OriginKind
    submission_id: str
    year: int | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Typist:
    """Who typed, and on which page of a browser: ``page`` tells two windows of one person apart."""

    account_id: str
    name: str
    page: str = ""


@dataclass(frozen=True, slots=True)
class TypedField:
    """The values of a field and who typed them last; ``others`` are texts that it displaced, newest first."""

    values: Values
    by: Typist
    at: str
    others: tuple[OtherText, ...] = ()

    @property
    def texts(self) -> list[Values]:
        """The others, then what stands."""
        return [*(each.values for each in self.others), self.values]


@dataclass(frozen=True, slots=True)
class OtherText:
    """A text that another page typed into the same field."""

    values: Values
    by: Typist
    at: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The text of a field that somebody chose, and all texts of it that their page showed, as digests."""

    name: str
    chosen: str
    shown: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """``version`` rises with every save; instants are RFC 3339 in UTC.

    ``ended`` says what became of it; ``sent_as`` is then the submission's id. One that was sent and has not ended holds
    what others typed into it meanwhile: a change of that submission, which was sent in its ``sent_version``.
    """

    id: str
    organisation: str
    typed: Mapping[str, TypedField]
    origin: Origin | None
    version: int
    created_at: str
    changed_at: str
    changed_by: Typist
    ended: Ending | None = None
    sent_as: str = ""
    sent_version: int | None = None

    @property
    def edited(self) -> Origin | None:
        """The submission that this is a change of, and the version it started from."""
        if self.sent_as and self.ended is None:
            return Origin("edit", self.sent_as, version=self.sent_version)
        return self.origin if self.origin and self.origin.kind == "edit" else None

    @property
    def fields(self) -> dict[str, Values]:
        """The form's fields: those that hold something."""
        return {name: each.values for name, each in self.typed.items() if each.values}

    @property
    def contested(self) -> dict[str, TypedField]:
        """The fields that have other texts next to them."""
        return {name: each for name, each in self.typed.items() if each.others}


def make_draft(
    fields: FormValues,
    *,
    id: str,  # noqa: A002 - the draft's word
    organisation: str,
    origin: Origin | None,
    by: Typist,
    at: str,
) -> Draft:
    """Raises DraftTooLarge."""
    typed = {name: TypedField(values, by, at) for name, values in normalize(fields).items()}
    return Draft(
        id=id,
        organisation=organisation,
        typed=typed,
        origin=origin,
        version=1,
        created_at=at,
        changed_at=at,
        changed_by=by,
    )


def merge(draft: Draft, fields: FormValues, seen: Seen, *, by: Typist, at: str) -> Draft:
    """Save what a page typed; the same draft if nothing changes. Raises DraftTooLarge."""
    mine = normalize(fields)
    names = [*draft.typed, *(name for name in mine if name not in draft.typed)]
    merged = {
        name: _merge_field(draft.typed.get(name), mine.get(name, ()), seen.get(name, ""), by, at) for name in names
    }
    after = _change(draft, {name: each for name, each in merged.items() if each}, by, at)
    if after is not draft:
        _check_size(draft, after)
    return after


def choose(draft: Draft, choice: Choice, *, by: Typist, at: str) -> Draft:
    """Let one text of a field stand and drop the rest. Raises TextsUnseen."""
    field = draft.typed.get(choice.name)
    if field is None:
        raise TextsUnseen(draft)
    texts = {_digest(each): each for each in field.texts}
    if choice.chosen not in texts or not texts.keys() <= choice.shown:
        raise TextsUnseen(draft)
    if not field.others:
        return draft
    values = texts[choice.chosen]
    chosen = replace(field, others=()) if values == field.values else TypedField(values, by, at)
    return _change(draft, {**draft.typed, choice.name: chosen}, by, at)


def fill(draft: Draft, fields: FormValues, shown: FormValues, *, by: Typist, at: str) -> Draft:
    """Replace some fields by other values, such as the venue of last time.

    A text that the page did not show is kept next to them. Raises DraftTooLarge.
    """
    on_page = digest_fields(shown)
    seen = {name: digest for name, digest in digest_fields(draft.fields).items() if on_page.get(name) == digest}
    return merge(draft, {**draft.fields, **fields}, seen, by=by, at=at)


def end(draft: Draft, ending: Ending, *, at: str, sent_as: str = "") -> Draft:
    """Empty the draft; what stays says what became of it. One that was sent once stays sent."""
    ending, sent_as = "sent" if draft.sent_as else ending, sent_as or draft.sent_as
    return replace(draft, typed={}, version=draft.version + 1, changed_at=at, ended=ending, sent_as=sent_as)


def settle(draft: Draft, *, is_same: bool, sent_as: str, version: int, at: str) -> Draft:
    """End a draft that was sent; one that differs from what was sent becomes a change of that, with its origin."""
    if is_same:
        return end(draft, "sent", at=at, sent_as=sent_as)
    return replace(draft, sent_as=sent_as, sent_version=version, version=draft.version + 1)


def list_typists(draft: Draft) -> list[TypedField]:
    """List one field of each person who typed into this draft, newest first: who, and when last."""
    newest: dict[str, TypedField] = {}
    for field in sorted(draft.typed.values(), key=lambda each: each.at, reverse=True):
        newest.setdefault(field.by.account_id, field)
    return list(newest.values())


def list_changed(draft: Draft, fields: FormValues) -> list[str]:
    """List the fields in which the draft differs from a page: those that others have changed."""
    shown, stored = normalize(fields), draft.fields
    return [name for name in {**stored, **shown} if not _is_same(stored.get(name, ()), shown.get(name, ()))]


def digest_contested(draft: Draft) -> str:
    """Digest the texts next to those that stand: what a page must have shown before its form is sent."""
    texts = [name + "".join(_digest(each.values) for each in field.others) for name, field in draft.contested.items()]
    return _digest(sorted(texts))


def normalize(fields: FormValues) -> dict[str, Values]:
    """Leave out what is empty, and names that no form has; line ends as they are stored. Raises DraftTooLarge."""
    known = {name: values for name, values in fields.items() if is_field(name)}
    found = {name: tuple(_normalize_text(each) for each in values if each) for name, values in known.items()}
    found = {name: values for name, values in found.items() if values}
    if _count_characters(found.values()) > MAX_CHARACTERS or any(len(each) > MAX_VALUES for each in found.values()):
        raise DraftTooLarge
    if len(list_days(found)) > MAX_CHANGES:
        raise DraftTooLarge
    return found


def digest_fields(fields: FormValues) -> dict[str, str]:
    return {name: _digest(values) for name, values in normalize(fields).items()}


def write_seen(seen: Seen) -> str:
    """Write digests as one text of a hidden field."""
    return " ".join(f"{name}={digest}" for name, digest in seen.items())


def write_choice(name: str, field: TypedField, chosen: Values) -> str:
    """Write a choice as the value of a button: the digest of the text that is chosen, then those that are shown."""
    return f"{name} {','.join(_digest(each) for each in (chosen, *field.texts))}"


def read_choice(written: str, fields: FormValues) -> Choice:
    """Read a button; ``fields`` are what stands in the page's form. Whatever is unreadable chooses nothing."""
    name, _space, digests = written.rpartition(" ")
    chosen, *shown = digests.split(",", MAX_OTHERS + 2)
    return Choice(name, chosen, frozenset((*shown, digest_fields(fields).get(name, ""))))


def read_seen(written: str) -> Seen:
    """Whatever is unreadable counts as never seen."""
    pairs = (each.rpartition("=") for each in written.split(" ", MAX_NAMES)[:MAX_NAMES])
    return {name: digest for name, _equals, digest in pairs if is_field(name) and len(digest) == DIGEST_LENGTH}


def _merge_field(field: TypedField | None, mine: Values, seen: str, by: Typist, at: str) -> TypedField | None:
    theirs = field.values if field else ()
    if _is_same(mine, theirs) or _digest(mine) == seen:
        return field  # this page has changed nothing here
    others = _keep_others(field.others if field else (), by)
    if field and theirs and _digest(theirs) != seen and field.by.page != by.page:
        displaced = OtherText(theirs, field.by, field.at)
        others = (displaced, *(each for each in others if each.by != field.by and each.values not in {theirs, mine}))
    if not mine and not others:
        return None
    return TypedField(mine, by, at, others[:MAX_OTHERS])


def _keep_others(others: Iterable[OtherText], by: Typist) -> tuple[OtherText, ...]:
    """An older text of the same page is superseded by its newer one."""
    return tuple(each for each in others if not each.by.page or each.by.page != by.page)


def _check_size(before: Draft, after: Draft) -> None:
    """Raises DraftTooLarge, but for a draft that was larger and shrinks."""
    for count, most in ((_count_standing, MAX_CHARACTERS), (_count_stored, MAX_STORED), (_count_days, MAX_CHANGES)):
        if count(after) > max(most, count(before)):
            raise DraftTooLarge


def _count_standing(draft: Draft) -> int:
    return _count_characters(draft.fields.values())


def _count_stored(draft: Draft) -> int:
    return _count_characters(values for field in draft.typed.values() for values in field.texts)


def _count_days(draft: Draft) -> int:
    return len(list_days(draft.fields))


def _count_characters(fields: Iterable[Values]) -> int:
    return sum(len(each) for values in fields for each in values)


def _change(draft: Draft, typed: Mapping[str, TypedField], by: Typist, at: str) -> Draft:
    typed = {name: each for name, each in typed.items() if each.values or each.others}
    if typed == draft.typed:
        return draft
    return replace(draft, typed=typed, version=draft.version + 1, changed_at=at, changed_by=by)


def _normalize_text(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _is_same(one: Values, other: Values) -> bool:
    """Ticked boxes come in the order of the page."""
    return sorted(one) == sorted(other)


def _digest(values: Sequence[str]) -> str:
    """Digest values as they are stored; nothing for none."""
    if not values:
        return ""
    written = "\x1f".join(sorted(values)).encode(errors="surrogatepass")
    return hashlib.sha256(written).hexdigest()[:DIGEST_LENGTH]
