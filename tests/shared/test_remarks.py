from __future__ import annotations

import pytest

from shared.messages import Remark
from shared.remarks import (
    MAX_CHARACTERS,
    MAX_REMARKS,
    REMARK_LIMIT,
    RemarkMissing,
    RemarkTooLong,
    RemarkUnreadable,
    ThreadFull,
    check_room,
    find_new,
    make_remark_id,
    read_remark,
)


def test_a_remark_keeps_its_paragraphs() -> None:
    assert read_remark("  Dzień dobry.\r\n\r\nCzy scena jest kryta? ") == "Dzień dobry.\n\nCzy scena jest kryta?"


@pytest.mark.parametrize(
    ("text", "refused"),
    [("", RemarkMissing), (" \n ", RemarkMissing), ("a\x07", RemarkUnreadable), ("a" * 2_001, RemarkTooLong)],
)
def test_what_is_no_remark_is_refused_with_its_reason(text: str, refused: type[Exception]) -> None:
    with pytest.raises(refused):
        read_remark(text)


def test_all_remarks_of_a_side_fit_into_a_message() -> None:
    full = ["ą" * REMARK_LIMIT] * (MAX_CHARACTERS // REMARK_LIMIT)

    check_room(full[:-1], full[-1])
    with pytest.raises(ThreadFull):
        check_room(full, "a")
    with pytest.raises(ThreadFull):
        check_room(["a"] * MAX_REMARKS, "a")
    assert len("".join(full).encode()) < 200_000


def test_the_id_of_a_form_is_kept_and_anything_else_replaced() -> None:
    given = "0b0c5f38-1f0c-4a55-9f0a-0a4a0f6f5f11"

    assert make_remark_id(given) == given
    assert make_remark_id("<b>") not in {"", "<b>"}


def test_only_remarks_that_were_not_known_are_new() -> None:
    remarks = [Remark("a", "2027-01-01T00:00:00.000Z", "A"), Remark("b", "2027-01-02T00:00:00.000Z", "B")]

    assert find_new(["a", "c"], remarks) == remarks[1:]
