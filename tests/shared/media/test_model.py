from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.media.model import (
    MAX_ASPECT,
    MAX_SIDE,
    SMALLEST,
    WIDTHS,
    Focus,
    MadePicture,
    Size,
    crop,
    list_widths,
    make_focus,
    name_media,
    parse_file,
    shrink,
)

FOCUSES = st.builds(Focus, st.floats(0, 1), st.floats(0, 1))


@st.composite
def sizes(draw: st.DrawFn) -> Size:
    """Of pictures that are taken."""
    width = draw(st.integers(SMALLEST[0], 10_000))
    least, most = max(SMALLEST[1], -(-width // MAX_ASPECT)), width * MAX_ASPECT
    return Size(width, draw(st.integers(least, most)))


@given(size=sizes(), focus=FOCUSES)
def test_the_largest_part_of_three_to_two_is_cut_round_the_focus(size: Size, focus: Focus) -> None:
    left, top, right, bottom = crop(size, focus)

    assert 0 <= left < right <= size.width
    assert 0 <= top < bottom <= size.height
    assert (right - left, bottom - top) in {
        (size.width, size.width * 2 // 3),
        (size.height * 3 // 2, size.height),
    }
    assert left <= focus.x * size.width <= right
    assert top <= focus.y * size.height <= bottom


@given(size=sizes())
def test_the_source_is_no_larger_than_it_must_be(size: Size) -> None:
    smaller = shrink(size)

    assert smaller.width <= size.width
    assert smaller.height <= size.height
    assert list_widths(smaller) == list_widths(size)
    assert max(smaller.width, smaller.height) <= MAX_SIDE
    assert smaller == size or crop(smaller, Focus())[2] - crop(smaller, Focus())[0] <= WIDTHS[-1] + 2
    assert shrink(smaller) == smaller or shrink(smaller).width >= smaller.width - 3


@given(size=sizes())
def test_every_picture_that_is_taken_fills_one_size(size: Size) -> None:
    assert list_widths(size)


def test_a_picture_has_the_name_of_its_upload_unless_its_focus_was_moved() -> None:
    names = [name_media("ab" * 32, each) for each in (Focus(), Focus(0.5, 0.4), Focus(0.4, 0.5))]

    assert names[0] == "ab" * 32
    assert len(set(names)) == 3
    assert {len(each) for each in names} == {64}


@pytest.mark.parametrize("focus", [{"x": -0.1}, {"y": 1.01}, {"x": "0.5"}, {"x": float("nan")}])
def test_a_focus_outside_of_the_picture_is_refused(focus: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(focus, Focus)


@pytest.mark.parametrize(
    "answer",
    [
        {"width": 400, "height": 267, "source": b"s", "files": {}},
        {"width": 400, "height": 267, "source": b"s", "files": {"page.html": b"<script>"}},
        {"width": 400, "height": 267, "source": b"s", "files": {"400.webp": b"w", "400.jpg": b""}},
        {"width": 400, "height": 267, "source": b"", "files": {"400.jpg": b"j"}},
        {"width": 0, "height": 267, "source": b"s", "files": {"400.jpg": b"j"}},
        {"width": 2**63, "height": 267, "source": b"s", "files": {"400.jpg": b"j"}},
        {"width": 400, "height": MAX_SIDE + 1, "source": b"s", "files": {"400.jpg": b"j"}},
    ],
)
def test_a_child_cannot_answer_what_is_no_picture(answer: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(msgspec.msgpack.encode(answer), type=MadePicture)


@pytest.mark.parametrize(
    ("file", "found"),
    [
        (f"{'ab' * 32}-800.webp", ("ab" * 32, "800.webp")),
        (f"{'ab' * 32}-800.png", None),
        (f"{'ab' * 32}-900.webp", None),
        (f"{'AB' * 32}-800.webp", None),
        (f"{'ab' * 32}-800.webp\n", None),
        (f"{'ab' * 31}-800.webp", None),
        (f"{'ab' * 32}-source.jpg", None),
        (f"{'ab' * 32}", None),
        ("", None),
    ],
)
def test_only_public_files_have_an_address(file: str, found: tuple[str, str] | None) -> None:
    assert parse_file(file) == found


def test_a_focus_is_as_fine_as_its_name() -> None:
    assert make_focus(0.12345, 0.99951) == Focus(0.123, 1.0)
