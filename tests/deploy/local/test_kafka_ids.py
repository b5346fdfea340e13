"""The ids that clusters get."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from deploy.local.kafka import encode_cluster_id


@given(st.binary(min_size=16, max_size=16))
@example(b"\xfb" + bytes(15))
@example(b"\xff" * 16)
def test_an_id_is_never_taken_for_an_option(random: bytes) -> None:
    written = encode_cluster_id(random)

    assert len(written) == 22
    assert not written.startswith("-")
