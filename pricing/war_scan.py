"""Which of many listings are at war, so that only those are looked at one by one: `war.detect` over columns. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ecom_agent.records.stories import Stories
from native_pricer import epoch_us
from pricing.war import LEAST_FALL, LEAST_TURNS, QUIET, WINDOW

_US: Final = 1_000_000
_Numbers = NDArray[np.int64]


def at_war(told: Stories, listings: int, now: datetime) -> list[int]:
    """The numbers of the listings in which `detect` sees a war, and of those told in more than one currency.

    A spiral is what is left of the undercuts after the last raise of either side, counted by turns.
    """
    end = epoch_us(now)
    told = told.between(end - int(WINDOW.total_seconds()) * _US, end)
    odd = np.zeros(listings, bool)
    odd[told.place[1:][(told.place[1:] == told.place[:-1]) & (told.currency[1:] != told.currency[:-1])]] = True
    place, at, by_us, before, after, other = _moves(told)
    raised = after > before
    position = np.arange(place.size)
    last_raise = np.full(listings, -1)
    np.maximum.at(last_raise, place[raised], position[raised])
    tail = (after < before) & (after <= other) & (position > last_raise[place])
    place, at, by_us, before, after, other = (x[tail] for x in (place, at, by_us, before, after, other))
    turn = np.ones(place.size, bool)
    turn[1:] = (place[1:] != place[:-1]) | (by_us[1:] != by_us[:-1])
    place, at, before, after, other = (x[turn] for x in (place, at, before, after, other))
    found, first, turns = np.unique(place, return_index=True, return_counts=True)
    last = first + turns - 1
    peace = np.minimum(before[first], other[first])
    fought = (turns >= LEAST_TURNS) & (end - at[last] <= int(QUIET.total_seconds()) * _US)
    fought &= after[last] <= peace * (1 - LEAST_FALL)
    return sorted({*found[fought].tolist(), *np.flatnonzero(odd).tolist()})


def _moves(told: Stories) -> tuple[_Numbers, ...]:
    """(listing, when, by us, before, after, the other side's price): each change while both prices were known.

    Both at once count as the one that went lower.
    """
    ours, rival = (np.where(side > 0, side, -1) for side in (told.ours, told.rival))
    ours_before, rival_before = _before(told.place, ours), _before(told.place, rival)
    known = (ours_before > 0) & (rival_before > 0)
    we = known & (ours > 0) & (ours != ours_before)
    they = known & (rival > 0) & (rival != rival_before)
    by_us = we & (~they | (ours <= rival))
    moved = we | they
    columns = (
        told.place, told.at, by_us, np.where(by_us, ours_before, rival_before), np.where(by_us, ours, rival),
        np.where(by_us, rival_before, ours_before),
    )  # fmt: skip
    return tuple(column[moved].astype(np.int64) for column in columns)


def _before(place: _Numbers, price: _Numbers) -> _Numbers:
    """The last price known before each moment of the same listing; -1 where none was."""
    rows = np.arange(place.size)
    newest = np.maximum.accumulate(np.where(price > 0, rows, -1))
    former = np.full(place.size, -1)
    former[1:] = newest[:-1]
    same = (former >= 0) & (place[former] == place)
    return np.where(same, price[former], -1)
