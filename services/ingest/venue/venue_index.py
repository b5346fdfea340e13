"""Index of the register in memory: suggestions and near twins. Pure.

A word that somebody types is compared with the words of the register, not with its places: there are far fewer, and
only a word that begins none of them is compared with mistakes in mind.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from heapq import nsmallest
from typing import Final, TypeVar

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from services.ingest.venue.model import RegisteredVenue, Twin, fold, follow, is_twin, make_twin, sort_twins

MOST: Final = 10
MAX_QUERY: Final = 100
MAX_WORDS: Final = 6
SHORTEST: Final = 2
"""Characters of a query that is answered."""
CELL: Final = 0.004
"""Degrees: more than a hundred metres each way up to a latitude of 75."""
MAX_SIMILAR: Final = 40
"""Words of the register for which one typed word may stand."""
_EXACT, _BEGINS, _SIMILAR = 4, 3, 2
_IN_NAME: Final = 2
_MARKS: Final = ".,;:()\"'/"


Key = TypeVar("Key")


class VenueIndex:
    def __init__(self, venues: Iterable[RegisteredVenue] = ()) -> None:
        self._venues: dict[str, RegisteredVenue] = {}
        self._words: dict[str, set[str]] = {}
        self._towns: dict[str, set[str]] = {}
        self._cells: dict[tuple[int, int], set[str]] = {}
        self._names: dict[str, frozenset[str]] = {}
        self._labels: dict[str, str] = {}
        self._sorted: list[str] | None = None
        for each in venues:
            self.put(each)

    def __len__(self) -> int:
        return len(self._venues)

    def __iter__(self) -> Iterator[RegisteredVenue]:
        """Those that were not merged."""
        return (each for each in self._venues.values() if each.merged_into is None)

    def get(self, venue_id: str) -> RegisteredVenue | None:
        """Also one that was merged."""
        return self._venues.get(venue_id)

    def put(self, venue: RegisteredVenue) -> None:
        """Add a place, or replace it."""
        before = self._venues.get(venue.id)
        if before is not None:
            self._remove_keys(before)
        self._venues[venue.id] = venue
        if venue.merged_into is None:
            self._names[venue.id] = _split(venue.name)
            self._labels[venue.id] = fold(venue.label)
            for word in _list_words(venue):
                if word not in self._words:
                    self._words[word] = set()
                    self._sorted = None
                self._words[word].add(venue.id)
            self._towns.setdefault(fold(venue.town), set()).add(venue.id)
            self._cells.setdefault(_find_cell(venue), set()).add(venue.id)

    def find_staying(self, venue_id: str) -> RegisteredVenue | None:
        """The place, or the one that stays of it; None if the register knows no such id."""
        chain: dict[str, str | None] = {}
        found = self._venues.get(venue_id)
        while found is not None and found.id not in chain:
            chain[found.id] = found.merged_into
            found = self._venues.get(found.merged_into or "")
        stays = follow(venue_id, chain)
        return self._venues[stays] if stays else None

    def suggest(self, query: str, most: int = MOST) -> list[RegisteredVenue]:
        """The best first: all words of the query fit, else as many as possible."""
        words = sorted(_split(query[:MAX_QUERY]), key=len, reverse=True)[:MAX_WORDS]
        if sum(map(len, words)) < SHORTEST:
            return []
        fitting: Counter[str] = Counter()
        scores: Counter[str] = Counter()
        for word in words:
            for venue_id, score in self._score(word).items():
                fitting[venue_id] += 1
                scores[venue_id] += score
        needed = max(fitting.values(), default=0)
        found = (each for each, count in fitting.items() if count == needed)
        best = nsmallest(most, ((-scores[each], len(self._labels[each]), self._labels[each], each) for each in found))
        return [self._venues[each] for *_rank, each in best]

    def list_staying(self, counties: Collection[str] = ()) -> list[RegisteredVenue]:
        """List the places that were not merged, those with possible twins first; no counties are all."""
        found = [each for each in self if not counties or each.county in counties]
        return sorted(found, key=lambda each: (not each.near, self._labels[each.id], each.id))

    def list_near(self, venue: RegisteredVenue) -> list[Twin]:
        """List the possible twins that are kept with a place, the nearest first."""
        others = [self._venues[each] for each in venue.near if each in self._venues]
        return sort_twins([make_twin(venue, each) for each in others if each.merged_into is None])

    def list_twins(self, venue: RegisteredVenue) -> list[Twin]:
        """List other places that may be this one, the nearest first."""
        row, column = _find_cell(venue)
        around = [(row + up, column + right) for up in (-1, 0, 1) for right in (-1, 0, 1)]
        ids = set(self._towns.get(fold(venue.town), ())).union(*(self._cells.get(each, ()) for each in around))
        others = (self._venues[each] for each in ids)
        return sort_twins([make_twin(venue, each) for each in others if is_twin(venue, each)])

    def _score(self, typed: str) -> dict[str, int]:
        """By place, how well a typed word fits: one of its words, the beginning of one, or one with a slip."""
        found: dict[str, int] = {}
        for word, score in self._list_fitting(typed):
            for venue_id in self._words.get(word, ()):
                best = score + (_IN_NAME if word in self._names[venue_id] else 0)
                found[venue_id] = max(best, found.get(venue_id, 0))
        return found

    def _list_fitting(self, typed: str) -> Iterator[tuple[str, int]]:
        known = self._sort_words()
        start = bisect_left(known, typed)
        begins = 0
        for word in known[start:]:
            if not word.startswith(typed):
                break
            begins += 1
            yield word, _EXACT if word == typed else _BEGINS
        if begins or len(typed) < 3:  # noqa: PLR2004 - nothing of two letters is similar to a word
            return
        slips = 1 if len(typed) <= 5 else 2  # noqa: PLR2004 - a short word with two slips is another word
        whole = extract(typed, known, scorer=OSA.distance, score_cutoff=slips, limit=MAX_SIMILAR)
        yield from ((word, _SIMILAR) for word, _distance, _place in whole)
        if len(typed) > 3:  # noqa: PLR2004 - the same
            beginnings = [word[: len(typed)] for word in known]
            begun = extract(typed, beginnings, scorer=OSA.distance, score_cutoff=slips, limit=MAX_SIMILAR)
            yield from ((known[place], _SIMILAR) for _word, _distance, place in begun)

    def _sort_words(self) -> list[str]:
        if self._sorted is None:
            self._sorted = sorted(self._words)
        return self._sorted

    def _remove_keys(self, venue: RegisteredVenue) -> None:
        if venue.merged_into is not None:
            return
        del self._names[venue.id], self._labels[venue.id]
        for word in _list_words(venue):
            _discard(self._words, word, venue.id)
            if word not in self._words:
                self._sorted = None
        _discard(self._towns, fold(venue.town), venue.id)
        _discard(self._cells, _find_cell(venue), venue.id)


def _list_words(venue: RegisteredVenue) -> frozenset[str]:
    return _split(f"{venue.name} {venue.street or ''} {venue.town}")


def _split(text: str) -> frozenset[str]:
    return frozenset(word.strip(_MARKS) for word in fold(text).split()) - {""}


def _find_cell(venue: RegisteredVenue) -> tuple[int, int]:
    return (int(venue.lat // CELL), int(venue.lon // CELL))


def _discard(index: dict[Key, set[str]], key: Key, venue_id: str) -> None:
    ids = index.get(key, set())
    ids.discard(venue_id)
    if not ids:
        index.pop(key, None)
