"""Types of the compiled replay; `_twin/replay.py` has the same names."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from native_pricer.config import ListingConfig
from native_pricer.ticks import Market, Rivals, State, Ticks, Totals

NAME: Final[str]

class Replay:
    def __init__(
        self,
        configs: Sequence[ListingConfig],
        rivals: Rivals,
        market: Market,
        masks: NDArray[np.uint8],
        sellers: NDArray[np.int8],
    ) -> None: ...
    def run(self, ticks: Ticks, state: State, totals: Totals, until: int | None = None) -> None: ...
