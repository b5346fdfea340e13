from __future__ import annotations

import pytest

from shared.media.uploads import UploadSlots
from shared.sandbox.model import SandboxBusy


def test_slots_are_bounded_together_and_for_each_and_come_back() -> None:
    slots = UploadSlots(at_once=3, of_one=2)
    with slots.take("a"), slots.take("a"):
        with pytest.raises(SandboxBusy), slots.take("a"):
            pass
        with slots.take("b"), pytest.raises(SandboxBusy), slots.take("c"):
            pass
    with pytest.raises(ValueError, match="while it is read"), slots.take("a"):
        raise ValueError("while it is read")
    with slots.take("a"), slots.take("a"), slots.take("c"):
        pass
