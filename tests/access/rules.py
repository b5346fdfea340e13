"""How a route answers everybody: who passes its door, and with what others are turned away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from shared.accounts.model import ROLES, Role
from tests.access.house import PEOPLE, SECOND, Caller

Door = Literal["open", "api", "page"]
Stake = Literal["waiting", "public"]

SEEN: Final = {"headers": {"If-Match": "*"}}
"""What a program sends with a change: it takes the entry as it is."""


@dataclass(frozen=True)
class Rule:
    """Who may pass a route, and what it answers to whom it lets in.

    Attributes:
        door: ``open`` to all; ``api`` takes keys and sessions; ``page`` sessions only, and sends others to the log-in.
        roles: whom it is for; nobody in particular where it is open.
        gives: the status for whom it lets in.
        stake: what ``{id}`` in the address is: an event that waits, or one that is public; it is always the owner's.
        owned: whether it is for the organisation alone that owns what is at stake.
        decides: whether it decides on what is at stake, which no editor of the owner may.
        limited: whether a curator with limits finds nothing there, because what is at stake is outside of them.
        address: what is asked for, if it is not the route's own path.
        sent: what is sent along, as httpx takes it; ``{version}`` and ``{review_number}`` in a form stand for the
            numbers of what is at stake.
        instead: other statuses for some, by their names.

    """

    door: Door
    roles: frozenset[Role] = frozenset()
    gives: int = 200
    stake: Stake | None = None
    owned: bool = False
    limited: bool = False
    decides: bool = False
    address: str = ""
    sent: Mapping[str, Any] = field(default_factory=dict)
    instead: Mapping[str, int] = field(default_factory=dict)

    def status(self, method: str, who: Caller) -> int:
        """Give the status with which somebody is answered."""
        if self.door == "open" or who.name in self.instead:
            return self.instead.get(who.name, self.gives)
        if who.person is None or (self.door == "page" and who.way == "key"):
            # A form comes along to the log-in, so it is shown at once; a GET is redirected there.
            return 303 if self.door == "page" and method == "GET" else 401
        if not self.fits(who):
            return 303 if self.door == "page" and method == "GET" else 403  # led to a page that is theirs
        if self.decides and who.person == "own":
            return 409
        return self.gives if self.may_reach(who) else 404

    def lets_in(self, who: Caller) -> bool:
        """Tell whether somebody may pass."""
        known = who.person is not None and (self.door == "api" or who.way == "session")
        barred = self.decides and who.person == "own"
        return self.door == "open" or (known and self.may_reach(who) and self.fits(who) and not barred)

    def fits(self, who: Caller) -> bool:
        """Tell whether somebody has the role: a session by any membership, a key by its own."""
        person = who.person or "owner"
        second = person in SECOND and who.way == "session" and SECOND[person][1] in self.roles
        return PEOPLE[person][1] in self.roles or second

    def may_reach(self, who: Caller) -> bool:
        """Tell whether what is at stake is there for somebody who has the role."""
        if self.owned:
            return who.person == "owner" or (who.person == "own" and who.way == "session")
        return not (self.limited and who.person == "limited")


def everybody(**rest: Any) -> Rule:  # noqa: ANN401 - the fields of a rule
    """A route that is open."""
    return Rule("open", **rest)


def editors(door: Door, **rest: Any) -> Rule:  # noqa: ANN401 - the fields of a rule
    """A route for editors, each in their own organisation."""
    return Rule(door, frozenset({"editor"}), **rest)


def owner(door: Door, **rest: Any) -> Rule:  # noqa: ANN401 - the fields of a rule
    """A route for the editors of the organisation that owns what is at stake."""
    return Rule(door, frozenset({"editor"}), owned=True, **{"stake": "waiting", **rest})


def curators(door: Door, **rest: Any) -> Rule:  # noqa: ANN401 - the fields of a rule
    """A route for curators, a chief included; of what is at stake a limited one sees nothing."""
    return Rule(door, frozenset({"curator", "chief"}), **{"limited": "stake" in rest, **rest})


def chiefs(door: Door, **rest: Any) -> Rule:  # noqa: ANN401 - the fields of a rule
    """A route for chiefs."""
    return Rule(door, frozenset({"chief"}), **rest)


def anybody(door: Door, **rest: Any) -> Rule:  # noqa: ANN401 - the fields of a rule
    """A route for all who are logged in."""
    return Rule(door, ROLES, **rest)


def administrators(door: Door, **rest: Any) -> Rule:  # noqa: ANN401 - the fields of a rule
    """A route for administrators."""
    return Rule(door, frozenset({"administrator"}), **rest)
