"""Every number of the simulated market, once, with its source.

[CMW]  Chen, Mislove & Wilson 2016 and open Keepa-based Buy Box studies    [HAN] Hanspach et al. 2024
[MUS]  Musolff 2022: cycles and night resets of repricing algorithms       [ELA] store-level elasticities, -0.9 to -4.1
[SIM]  calibrated in simulations of ours (7 days, 60 markets)              [FEE] the public fee card, rounded
[OWN]  a start value of ours without a source: chosen so that six hours show 200 to 600 orders
Money is in minor units (US cents), shares in basis points where exact, else as a ratio.
"""

from __future__ import annotations

from typing import Final

TICK_S: Final = 60
SHOP_TIME_OFFSET_H: Final = -6  # the buyers' clock: US Central, without daylight saving

# --- Featured offer ------------------------------------------------------------------------------
FEATURED_EVERY_S: Final = 300  # [SIM] redrawn every 5 minutes
FEATURED_KAPPA: Final = 60.0  # [SIM] +1 % price multiplies the odds by 0.55
FEATURED_FBA: Final = 2.4  # [SIM] being fulfilled by the marketplace is worth about 4 % of price
FEATURED_INCUMBENT: Final = 0.7  # [SIM]; [CMW] holding it before has importance .30
FEATURED_QUALITY: Final = 2.0  # [OWN] per unit of rating above .95
FEATURED_HANDLING: Final = 0.3  # [OWN] per day of handling beyond two
FEATURED_MIN_RATING: Final = 0.85  # [OWN]
FEATURED_MAX_OVER_REFERENCE: Final = 0.12  # [SIM]
FEATURED_TEMPERATURE: Final = 1.0  # [SIM]

# --- Demand --------------------------------------------------------------------------------------
ELASTICITY: Final = 2.0  # [ELA]
SHARE_TO_FEATURED: Final = 0.80  # [CMW] the rest goes to the lowest landed price
PAGE_DEMAND_PER_DAY: Final = (25.0, 75.0)  # [OWN] λ0 of a product page, drawn once per product
TAIL_DEMAND: Final = 0.02  # [OWN] of these rates, for each product beyond the demo's forty: a long tail
SHOP_DEMAND_PER_DAY: Final = (8.0, 28.0)  # [OWN] λ0 of a product in our own shop
HOUR_SEASON: Final = (  # [OWN] by the buyers' hour, mean 1
    0.55, 0.40, 0.32, 0.30, 0.32, 0.45, 0.65, 0.85, 1.00, 1.10, 1.18, 1.22,
    1.25, 1.22, 1.18, 1.15, 1.15, 1.20, 1.30, 1.42, 1.48, 1.40, 1.15, 0.76,
)  # fmt: skip
WEEKDAY_SEASON: Final = (1.04, 1.02, 0.98, 0.97, 0.95, 0.98, 1.06)  # [OWN] Monday first, mean 1
UNITS_PER_LINE: Final = ((1, 0.86), (2, 0.11), (3, 0.03))  # [OWN]
SECOND_LINE: Final = 0.10  # [OWN] chance of a second line, and then of a third
SHOP_SHIPPING_MINOR: Final = 495  # [OWN] what our shop asks for shipping below the free threshold
SHOP_FREE_SHIPPING_FROM_MINOR: Final = 3500  # [OWN]

# --- Rivals --------------------------------------------------------------------------------------
RIVALS_PER_PAGE: Final = (2, 7)  # 3 to 8 sellers with us
RIVAL_DELAY_S: Final = (60, 900)  # reaction 1 to 15 minutes; real repricers: 2 to 15 until live
RIVAL_IDLE_S: Final = (2700, 9000)  # [OWN] an active rival looks again even when nothing happened
RIVAL_MIX: Final = (  # [OWN] the kinds are those of the mixed market in [SIM], the shares keep events finite
    ("fixed", 0.60), ("undercut_cent", 0.08), ("undercut_share", 0.09),
    ("match", 0.10), ("oscillate", 0.07), ("raise_until_lost", 0.06),
)  # fmt: skip
UNDERCUT_MINOR: Final = 1
UNDERCUT_SHARE: Final = 0.01
RAISE_STEP: Final = 0.01  # [SIM] raise by 1 % until the featured offer is lost
NIGHT_RESET_HOURS: Final = (1, 4)  # [MUS] the buyers' hours in which cycling sellers go back up
RESET_AT_FLOOR: Final = 0.25  # [MUS] chance that a cycling seller who reached its floor resets
RIVAL_START: Final = (0.96, 1.10)  # [OWN] of the reference price
RIVAL_FLOOR: Final = (0.80, 0.93)  # [OWN] of the reference price
WRONG_FLOOR_CHANCE: Final = 0.05  # some with wrong floors
WRONG_FLOOR: Final = (0.55, 0.70)  # [OWN]
RIVAL_FBA_CHANCE: Final = 0.55  # [OWN]
OUT_OF_STOCK_PER_DAY: Final = 0.35  # [OWN] per rival
OUT_OF_STOCK_S: Final = (3600, 8 * 3600)  # [OWN]
SILENT_PAGES: Final = 3  # pages of which no change is ever told; field reports: some stay silent for hours

# --- Our offers ----------------------------------------------------------------------------------
APPLY_AFTER_S: Final = 90  # [CMW] the marketplace takes about 1.5 to 2 minutes to apply a price
FEED_QUEUED_S: Final = 60  # [OWN] a feed of listings waits so long before it is begun
FEED_TAKES_S: Final = 180  # [OWN] and is worked through in so long, however many lines it has
OUR_START: Final = (1.02, 1.08)  # [OWN] of the reference price
OUR_RATING: Final = 0.97
OUR_FEEDBACK: Final = 1840
OUR_FBA_CHANCE: Final = 0.62  # [OWN]
CEILING_OF_REFERENCE: Final = 1.30  # [OWN] the ceiling proposed to the demo's seller
MIN_MARGIN_SHARE: Final = 0.03  # [OWN] the hard minimum handed to the demo's seller lies this far above break-even

# --- Orders --------------------------------------------------------------------------------------
PENDING_S: Final = (300, 1800)  # [OWN] until the payment is sure
SHIP_FBA_S: Final = (1 * 3600, 10 * 3600)  # [OWN]
SHIP_OWN_S: Final = (4 * 3600, 30 * 3600)  # [OWN]
CANCEL_SHARE: Final = 0.03  # [OWN]; the marketplace wants a seller below 2.5 % of its own cancellations
CANCEL_S: Final = (600, 5400)  # [OWN]
RETURN_SHARE: Final = 0.05  # [OWN]
RETURN_S: Final = (6 * 3600, 12 * 86400)  # [OWN] after shipping
RESELLABLE_SHARE: Final = 0.6  # [OWN]

# --- Stock ---------------------------------------------------------------------------------------
DAYS_OF_STOCK: Final = (0.6, 12.0)  # [OWN] at the start: a few run out within the hours of a demo
REORDER_AT_DAYS: Final = 2.0  # [OWN]
REORDER_DAYS: Final = 10.0  # [OWN] size of a shipment
INBOUND_S: Final = (3 * 3600, 40 * 3600)  # [OWN] until a shipment is on the shelf

# --- Fees ----------------------------------------------------------------------------------------
REFERRAL_BP: Final = {"HOME": 1500, "KITCHEN": 1500, "SPORTS": 1500, "PET": 1500, "TOOLS": 1500, "OFFICE": 1500,
                      "TOYS": 1500, "BEAUTY": 1500, "ELECTRONICS": 800, "APPAREL": 1700}  # fmt: skip
REFERRAL_MIN_MINOR: Final = 30  # [FEE]
FBA_STEPS: Final = (  # [FEE] up to this many grams: cents
    (113, 306), (227, 315), (340, 324), (454, 340), (680, 468), (907, 516), (1361, 600), (2268, 694), (4536, 840),
)  # fmt: skip
FBA_PER_EXTRA_KG_MINOR: Final = 80  # [FEE] above the last step
OWN_SHIPPING_BASE_MINOR: Final = 390  # [OWN] a parcel from our warehouse
OWN_SHIPPING_PER_KG_MINOR: Final = 140  # [OWN]
SHOP_PAYMENT_BP: Final = 290  # the shop's card fee
SHOP_PAYMENT_FIX_MINOR: Final = 30
REFUND_ADMIN_SHARE: Final = 0.2  # [FEE] of the referral fee is kept on a refund …
REFUND_ADMIN_MAX_MINOR: Final = 500  # [FEE] … but at most this
