"""The numbers of the three further channels, once, with their source; tags as in `platforms.simulated.constants`.

[FEE] public fee cards, rounded to one rate a channel    [OWN] a start value of ours without a source
Money is in US cents, times in seconds.
"""

from __future__ import annotations

from typing import Final

from platforms.simulated.state import EBAY, TIKTOK, WALMART

# --- What is listed -------------------------------------------------------------------------------
LISTED_SHARE: Final = 0.9  # [OWN] of the products that we hold in our own warehouse
PAGE_DEMAND_PER_DAY: Final = {EBAY: (3.0, 11.0), WALMART: (3.0, 12.0), TIKTOK: (2.0, 6.0)}  # [OWN] λ0 of one page
OUR_SHARE: Final = 0.4  # [OWN] of a page's buyers, for ordering goods only
REFERENCE: Final = {EBAY: (0.96, 1.06), WALMART: (0.97, 1.04), TIKTOK: (0.92, 1.05)}  # [OWN] of Amazon's reference
OUR_START: Final = (0.95, 1.02)  # [OWN] our first price, of the channel's reference
RIVALS: Final = {EBAY: (1, 4), WALMART: (1, 4), TIKTOK: (0, 2)}  # [OWN] sellers beside us
RIVALS_EVERY_TICKS: Final = 5  # [OWN] how often rivals are asked whether they wake
SHIPPING: Final = {EBAY: (395, 2000), WALMART: (0, 0), TIKTOK: (495, 1500)}  # [OWN] fee, free from this sum of items
CHOICE_KAPPA: Final = 12.0  # [OWN] +1 % landed price multiplies an offer's odds with buyers by 0.89
CHOICE_FEATURED: Final = 1.4  # [OWN] being behind the buy button multiplies them by 4
BOX_MIN_RATING: Final = 0.85  # [OWN]

# --- Orders ---------------------------------------------------------------------------------------
PAID_AFTER_S: Final = {EBAY: (60, 1800), WALMART: (60, 120), TIKTOK: (60, 3600)}  # [OWN]
CANCEL_SHARE: Final = 0.03  # [OWN] by the buyer, before shipping
CANCEL_AFTER_S: Final = (600, 5400)  # [OWN]
SHIP_AFTER_S: Final = (4 * 3600, 30 * 3600)  # [OWN] our warehouse ships on its own unless we were told earlier
SHIP_WITHIN_S: Final = 2 * 86400  # [OWN] promised to the buyer
DELIVERED_AFTER_S: Final = (86400, 4 * 86400)  # [OWN] after the last parcel left
KNOWN_BUYER_SHARE: Final = 0.2  # [OWN] orders of buyers who were here before

LATE_UPDATE_S: Final = (60, 600)  # [OWN] how long a change can stay unseen when that fault is on

# --- Returns --------------------------------------------------------------------------------------
RETURN_SHARE: Final = 0.06  # [OWN] of delivered lines
RETURN_ASKED_AFTER_S: Final = (6 * 3600, 8 * 86400)  # [OWN] after delivery
RETURN_ANSWERED_S: Final = 86400  # [OWN] the channel allows the return when we have not answered by then
RETURN_TRAVELS_S: Final = (2 * 86400, 6 * 86400)  # [OWN]
REFUND_FORCED_S: Final = 2 * 86400  # [OWN] the channel pays back when we have not by then

# --- Messages -------------------------------------------------------------------------------------
LETTER_SHARE: Final = 0.15  # [OWN] of orders whose buyer writes
LETTER_AFTER_S: Final = (3600, 3 * 86400)  # [OWN]
QUESTIONS_PER_DAY: Final = 6.0  # [OWN] about a page, before buying
REPLY_SHARE: Final = 0.3  # [OWN] of our answers that are answered
REPLY_AFTER_S: Final = (300, 4 * 3600)  # [OWN]
LANGUAGES: Final = (("en", 0.62), ("es", 0.18), ("zh", 0.08), ("de", 0.06), ("fr", 0.06))  # [OWN] weights

# --- Money ----------------------------------------------------------------------------------------
FEE_BP: Final = {EBAY: 1325, WALMART: 1500, TIKTOK: 600}  # [FEE] of what the buyer paid
FEE_FIX_MINOR: Final = {EBAY: 40, WALMART: 0, TIKTOK: 30}  # [FEE] once an order
CHARGED_WHEN: Final = {EBAY: "paid", WALMART: "shipped", TIKTOK: "delivered"}  # when a sale reaches the statement
PAYOUT_EVERY_S: Final = {EBAY: 86400, WALMART: 14 * 86400, TIKTOK: 7 * 86400}  # [OWN]
PRICE_APPLIES_AFTER_S: Final = {EBAY: 0, WALMART: 180, TIKTOK: 0}  # [OWN] 0 = at once

CHANGES_KEPT: Final = 2000  # the newest changes a channel remembers
