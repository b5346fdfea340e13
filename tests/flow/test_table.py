"""Decision table of submissions and reviews: what each act does, and when it is not possible.

Ingest and calendar are the real, pure rules; messages arrive at once, so that nothing but the table decides. What
happens when they do not is ``test_any_order.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from services.calendar.entry.model import get_live_status
from tests.flow.test_any_order import Lot, Reviewer

TITLES = ("Żagle", "Dni Morza")
ACTS = [
    *(("organisation", "edit", title) for title in TITLES),
    *(("organisation", act, "") for act in ("cancel", "withdraw")),
    *(("curator", act, "") for act in ("accept", "reject", "request changes", "cancel", "withdraw")),
]
ANSWERS = {"reject": "rejected", "request changes": "changes_requested"}


@dataclass(frozen=True)
class Expected:
    """A submission as the table has it: what is proposed and what is live, each with its title and where it stands.

    ``called_off`` is the title that waited when the organisation cancelled: it is accepted as cancelled, because the
    organisation has said so since.
    """

    proposal: tuple[str, str] | None = None
    live: tuple[str, str] | None = None
    called_off: bool = False

    @property
    def is_public(self) -> bool:
        """Whether something is live that is neither cancelled nor withdrawn."""
        return self.live is not None and self.live[1] == "confirmed"

    def after(self, who: str, act: str, title: str) -> Expected | None:
        """What an act makes of it; None where it is not possible."""
        match act:
            case "edit":
                return self._sent(title)
            case "accept" if self._waits and self.proposal:
                status = "cancelled" if self.called_off else "confirmed"
                return Expected(None, (self.proposal[0], status))
            case "reject" | "request changes" if self._waits and self.proposal:
                return replace(self, proposal=(self.proposal[0], ANSWERS[act]))
            case "cancel" if self.is_public and self.live:
                called_off = who == "organisation" and self.proposal is not None
                return replace(self, live=(self.live[0], "cancelled"), called_off=called_off)
            case "withdraw" if self.proposal or (self.live and self.live[1] != "withdrawn"):
                return Expected(None, (self.live[0], "withdrawn") if self.live else None)
        return None

    @property
    def _waits(self) -> bool:
        return self.proposal is not None and self.proposal[1] == "waiting"

    def _sent(self, title: str) -> Expected:
        if self.proposal is None and self.live == (title, "confirmed"):
            return self  # it is public as it was sent: nothing to decide
        return replace(self, proposal=(title, "waiting"), called_off=False)


def standing(reviewer: Reviewer) -> tuple[tuple[str, str] | None, tuple[str, str] | None]:
    entry = reviewer.entry
    assert entry
    proposal = (entry.proposal.event.title["pl"], entry.proposal.state) if entry.proposal else None
    return proposal, (entry.live.event.title["pl"], str(get_live_status(entry))) if entry.live else None


@settings(max_examples=500)
@given(acts=st.lists(st.sampled_from(ACTS), max_size=12))
def test_every_act_does_what_the_table_says(acts: list[tuple[str, str, str]]) -> None:
    lot, reviewer, expected = Lot(TITLES[0]), Reviewer(), Expected(proposal=(TITLES[0], "waiting"))
    reviewer.hear(lot.sent[-1])
    for who, act, title in acts:
        wanted, revisions = expected.after(who, act, title), len(reviewer.published)
        lot.hear(reviewer.reviewed[-1])
        said = len(lot.sent)

        possible = lot.act(act, title) if who == "organisation" else reviewer.act(act)
        for message in lot.sent[said:]:
            reviewer.hear(message)

        assert possible == (wanted is not None), (who, act, expected)
        before, expected = expected, wanted or expected
        assert standing(reviewer) == (expected.proposal, expected.live), (who, act, before)
        assert len(reviewer.published) - revisions == (before.live != expected.live), (who, act, before)
