"""Price stories of many listings as columns: hundreds of thousands of moments, for which objects take seconds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Stories(NamedTuple):
    """Moments by listing and, within it, oldest first. Prices are landed, in minor units of `currency`.

    `place`: which listing, as the caller numbered them. `at`: µs since 1970 (UTC). `ours`, `rival` (the lowest one's):
    -1 = not known. `held`: the Buy Box was ours 1, another's 0, -1 = not known. `currency`: three letters.
    """

    place: NDArray[np.int64]
    at: NDArray[np.int64]
    ours: NDArray[np.int64]
    rival: NDArray[np.int64]
    held: NDArray[np.int64]
    currency: NDArray[np.bytes_]

    def of(self, place: int) -> Stories:
        """One listing's."""
        first, last = np.searchsorted(self.place, (place, place + 1))
        return self.only(slice(first, last))

    def between(self, first_us: int, last_us: int) -> Stories:
        """What was told from a moment to another, both included."""
        return self.only((self.at >= first_us) & (self.at <= last_us))

    def only(self, rows: slice | NDArray[np.bool_]) -> Stories:
        return Stories(
            self.place[rows], self.at[rows], self.ours[rows], self.rival[rows], self.held[rows], self.currency[rows]
        )

    def money(self) -> str | None:
        """The currency of the newest moment in which a price of ours was known."""
        priced = np.flatnonzero(self.ours >= 0)
        return None if priced.size == 0 else str(self.currency[priced[-1]], "ascii")
