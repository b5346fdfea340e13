from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from shared.jobs.claims import Candidate, choose

candidates = st.lists(st.booleans(), max_size=80).map(
    lambda suspects: [Candidate(f"{number}", suspect) for number, suspect in enumerate(suspects)]
)


@given(found=candidates, room=st.integers(0, 20), random=st.randoms(use_true_random=False), with_suspect=st.booleans())
def test_no_more_are_chosen_than_there_is_room_and_one_suspect_at_most(
    found: list[Candidate], room: int, random: Random, *, with_suspect: bool
) -> None:
    chosen = choose(found, room=room, random=random, with_suspect=with_suspect)
    suspects = [each.id for each in found if each.suspect]

    assert len(chosen) == len(set(chosen)) <= room
    assert set(chosen) <= {each.id for each in found}
    assert len(set(chosen) & set(suspects)) == min(1, room, len(suspects)) * with_suspect


@given(found=candidates, random=st.randoms(use_true_random=False))
def test_all_plain_ones_are_chosen_when_there_is_room(found: list[Candidate], random: Random) -> None:
    chosen = choose(found, room=80, random=random, with_suspect=False)

    assert set(chosen) == {each.id for each in found if not each.suspect}
