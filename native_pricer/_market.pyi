from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from native_pricer._twin.strategy import Seen
from native_pricer.market_laws import Laws

class Mind:
    """One listing's memory with the compiled strategies."""

    def decide(self, kind: int, genes: Sequence[int], given: Seen) -> int | None: ...

def run(
    kinds: NDArray[np.int32],
    genes: NDArray[np.int32],
    mix: NDArray[np.float64],
    seeds: NDArray[np.uint64],
    ticks: int,
    laws: Laws,
    alone: bool,
    out: NDArray[np.int64],
) -> None: ...
