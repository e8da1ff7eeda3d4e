"""Which product of ours a listing most likely sells: equal GTIN, then equal seller SKU, then a title much alike.

Pure, and it binds nothing: a person decides. What another suggestion comes near to is marked as ambiguous.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Final, NamedTuple

from ecom_agent.ids import Sku
from ecom_agent.records.bindings import Binding, Place, Suggestion
from ecom_agent.records.catalog import Listing, ListingStatus

BY_GTIN: Final = 1.0
BY_SKU: Final = 0.9
BY_TITLE_MOST: Final = 0.8
"""A title exactly alike counts so much, one that is less alike so much less."""
LEAST_LIKENESS: Final = 0.75
OTHER_BRAND: Final = 0.6
"""A title alike under another brand's name counts so much of it."""
NEAR: Final = 0.15
"""Of two suggestions closer than this neither is sure: a GTIN that says one thing and a SKU that says another are."""
MOST: Final = 3
"""So many suggestions for a listing, the best."""
_COMMON: Final = 40
"""A word in more titles than this says nothing of which product it is."""
_WORD: Final = re.compile(r"\w+")


class _Guess(NamedTuple):
    score: float
    reason: str


class _Shelf:
    """All listings, by what makes them alike."""

    def __init__(self, listings: Sequence[Listing], bound: Mapping[Place, Sku]) -> None:
        self._bound, self._many = bound, Counter(listing.sku for listing in listings)
        self._by_gtin: dict[str, list[Listing]] = defaultdict(list)
        self._by_sku: dict[str, list[Listing]] = defaultdict(list)
        self._by_word: dict[str, list[int]] = defaultdict(list)
        self._products: dict[str, set[Sku]] = defaultdict(set)
        self._titles: list[tuple[Listing, str]] = []
        for listing in listings:
            if listing.gtin is not None:
                self._by_gtin[listing.gtin].append(listing)
            self._by_sku[plain(listing.sku)].append(listing)
            title = _words(listing.title)
            for word in set(title.split()):
                self._by_word[word].append(len(self._titles))
            self._titles.append((listing, title))
        for ours in set(bound.values()):
            self._products[plain(ours)].add(ours)

    def guesses(self, one: Listing) -> Iterator[tuple[Sku, _Guess]]:
        """Every product that the listing may sell, with the reason."""
        if one.gtin is not None:
            alike = self._by_gtin[one.gtin]
            for ours in self._sold_by(alike) if len(alike) > 1 else ():
                yield ours, _Guess(BY_GTIN, f"equal GTIN {one.gtin}")
        alike = [x for x in self._by_sku[plain(one.sku)] if not _apart(x, one)]
        for ours in self._products[plain(one.sku)] or (self._sold_by(alike) if len(alike) > 1 else ()):
            yield ours, _Guess(BY_SKU, f"equal seller SKU {one.sku}")
        title = _words(one.title)
        for other, known in self._with_rare_words(title):
            if place_of(other) != place_of(one) and (guess := _by_title(one, title, other, known)) is not None:
                for ours in self._sold_by([one, other]):
                    yield ours, guess

    def _sold_by(self, alike: Sequence[Listing]) -> set[Sku]:
        """What listings sell that sell the same: what any of them is bound to, else by the SKU that most go by."""
        told = {self._bound[place_of(x)] for x in alike if place_of(x) in self._bound}
        return told or {min((x.sku for x in alike), key=lambda sku: (-self._many[sku], sku))}

    def _with_rare_words(self, title: str) -> list[tuple[Listing, str]]:
        """Titles that share a third of this one's words that are not in everybody's."""
        rare = [word for word in set(title.split()) if len(self._by_word.get(word, ())) <= _COMMON]
        shared = Counter(at for word in rare for at in self._by_word.get(word, ()))
        return [self._titles[at] for at, many in shared.items() if 3 * many >= len(rare)]


def suggest(listings: Iterable[Listing], said: Iterable[Binding]) -> list[Suggestion]:
    """For every listing that is not bound and has its like elsewhere, at most three of our products, likeliest first.

    A product is named by what listings are bound to, else by the seller SKU that most of those alike go by; a listing
    that is like no other gets no suggestion. What a person rejected is not suggested again. The order of what is
    given makes no difference.
    """
    here = sorted((x for x in listings if x.status is not ListingStatus.DELETED), key=place_of)
    said = tuple(said)
    bound = {one.place: one.our_sku for one in said if one.bound}
    refused = {(one.place, one.our_sku) for one in said if not one.bound}
    shelf, found = _Shelf(here, bound), list[Suggestion]()
    for listing in here:
        place = place_of(listing)
        if place in bound:
            continue
        best: dict[Sku, _Guess] = {}
        for ours, guess in shelf.guesses(listing):
            if (place, ours) not in refused and guess > best.get(ours, _Guess(0.0, "")):
                best[ours] = guess
        found += _ranked(place, best)
    return found


def _ranked(place: Place, best: Mapping[Sku, _Guess]) -> list[Suggestion]:
    told = sorted(best.items(), key=lambda item: (-item[1].score, item[0]))[:MOST]
    unsure = len(told) > 1 and told[0][1].score - told[1][1].score < NEAR
    return [
        Suggestion(*place, ours, round(guess.score, 3), guess.reason, ambiguous=unsure or at > 0)
        for at, (ours, guess) in enumerate(told)
    ]


def _by_title(one: Listing, title: str, other: Listing, known: str) -> _Guess | None:
    if _apart(one, other):
        return None  # alike, and yet another product: a colour, a size
    first, second = sorted((title, known))
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    if matcher.real_quick_ratio() < LEAST_LIKENESS or matcher.quick_ratio() < LEAST_LIKENESS:
        return None
    likeness = matcher.ratio()
    if likeness < LEAST_LIKENESS:
        return None
    same = len({plain(x.brand) for x in (one, other) if x.brand}) < 2
    told = f"title {likeness:.0%} alike" + ("" if same else ", another brand")
    return _Guess(likeness * BY_TITLE_MOST * (1.0 if same else OTHER_BRAND), f"{told}: {other.title[:60]}")


def _apart(one: Listing, other: Listing) -> bool:
    """Whether both have a GTIN, and not the same."""
    return one.gtin is not None and other.gtin is not None and one.gtin != other.gtin


def place_of(listing: Listing) -> Place:
    return listing.account, listing.marketplace, listing.sku


def plain(told: str) -> str:
    """As people mean it: case and blanks around it do not count."""
    return told.strip().casefold()


def _words(title: str) -> str:
    return " ".join(_WORD.findall(title.casefold()))
