"""Every number of the market bench, once, with its source. Money is minor units, shares are ratios.

[CMW]  Chen, Mislove & Wilson 2016 and open Keepa-based Buy Box studies    [MUS] Musolff 2022
[ELA]  store-level elasticities, -0.9 to -4.1                              [SIM] calibrated in simulations of ours
[DEMO] as in the demo's market (`platforms/simulated/constants.py`; a test holds both equal)
[OWN]  a start value of ours without a source
"""

from __future__ import annotations

from typing import Final, NamedTuple

TICK_S: Final = 30
TICKS_PER_DAY: Final = 86400 // TICK_S
REDRAW_TICKS: Final = 300 // TICK_S  # [SIM] the featured offer is redrawn every 5 minutes
MAX_SELLERS: Final = 8  # [SIM] 3 to 8 sellers
START_US: Final = 1_767_571_200_000_000  # 2026-01-05 00:00, a Monday: the bench's clock is the buyers' local time


class Laws(NamedTuple):
    """What the buyers and the platform do. Another value = another world: for asking how robust a policy is."""

    kappa: float = 60.0  # [SIM] +1 % price multiplies the odds by 0.55
    fba: float = 2.4  # [SIM] worth about 4 % of price
    incumbent: float = 0.7  # [SIM]
    quality: float = 2.0  # [DEMO] per unit of rating above .95
    handling: float = 0.3  # [DEMO] per day of handling beyond two
    over_reference: float = 0.12  # [SIM] dearer offers are not eligible
    min_rating: int = 85  # [DEMO] percent
    elasticity: float = 2.0  # [ELA]
    to_featured: float = 0.80  # [CMW] the rest goes to the lowest landed price
    break_even_low: float = 0.80  # [OWN] of the reference price; calibrated so that a price war hurts as in [SIM]
    break_even_high: float = 0.90


HOUR_SEASON: Final = (  # [DEMO]
    0.55, 0.40, 0.32, 0.30, 0.32, 0.45, 0.65, 0.85, 1.00, 1.10, 1.18, 1.22,
    1.25, 1.22, 1.18, 1.15, 1.15, 1.20, 1.30, 1.42, 1.48, 1.40, 1.15, 0.76,
)  # fmt: skip
WEEKDAY_SEASON: Final = (1.04, 1.02, 0.98, 0.97, 0.95, 0.98, 1.06)  # [DEMO] Monday first

# --- the page at its start -------------------------------------------------------------------------
REFERENCE_MINOR: Final = (1200, 5000)  # [OWN]
DEMAND_PER_DAY: Final = (25.0, 75.0)  # [DEMO] at the price 2500
DEMAND_PRICE: Final = (2500.0, 0.4)  # [DEMO] λ0 · (2500 / reference)^0.4
OUR_START: Final = (1.02, 1.08)  # [DEMO] of the reference price
OUR_FBA_CHANCE: Final = 0.62  # [DEMO]
OUR_RATING: Final = 97  # [DEMO] percent
MIN_MARGIN_SHARE: Final = 0.03  # [DEMO] our floor lies this far above break-even
FEE_BP: Final = 1500  # [DEMO] referral fee of most categories
APPLY_S: Final = (90, 120)  # [CMW] the marketplace takes about 1.5 to 2 minutes to apply a price

# --- rivals ----------------------------------------------------------------------------------------
RIVALS: Final = (2, 7)  # [SIM] 3 to 8 sellers with us
KINDS: Final = ("fixed", "undercut_cent", "undercut_share", "match", "oscillate", "raise_until_lost")
MIXES: Final[dict[str, tuple[float, ...]]] = {  # [OWN] shares of the kinds above; the kinds are those of [SIM]
    "mixed": (0.30, 0.14, 0.14, 0.14, 0.14, 0.14),
    "undercutters": (0.10, 0.35, 0.30, 0.10, 0.10, 0.05),
    "passive": (0.75, 0.05, 0.05, 0.05, 0.05, 0.05),
    "repricers": (0.05, 0.10, 0.10, 0.25, 0.30, 0.20),
}
RIVAL_DELAY_S: Final = (60, 900)  # [SIM] reaction 1 to 15 minutes
RIVAL_IDLE_S: Final = (2700, 9000)  # [DEMO] an active rival looks again even when nothing happened
RIVAL_START: Final = (0.96, 1.10)  # [DEMO] of the reference price
RIVAL_FLOOR: Final = (0.80, 0.93)  # [DEMO]
WRONG_FLOOR_CHANCE: Final = 0.05  # [DEMO]
WRONG_FLOOR: Final = (0.55, 0.70)  # [DEMO]
RIVAL_FBA_CHANCE: Final = 0.55  # [DEMO]
RIVAL_FREE_SHIPPING: Final = 0.6  # [DEMO] of those who ship themselves
RIVAL_SHIPPING: Final = (299, 399, 499)  # [DEMO]
RIVAL_RATING: Final = (82, 99)  # [DEMO] percent
RIVAL_HANDLING: Final = (1, 1, 2, 3, 4)  # [DEMO] days, of those who ship themselves
OUT_OF_STOCK_PER_DAY: Final = 0.35  # [DEMO]
OUT_OF_STOCK_S: Final = (3600, 8 * 3600)  # [DEMO]
UNDERCUT_BP: Final = 100  # [DEMO]
RAISE_BP: Final = 100  # [SIM]
RAISE_MOST_BP: Final = 500  # [DEMO] above home
NIGHT_RESET_HOURS: Final = (1, 4)  # [MUS]
RESET_AT_FLOOR: Final = 0.25  # [MUS]
