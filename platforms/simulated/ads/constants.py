"""Every number of the advertising law, once, with its source.

[FLD] field notes on advertising: window 7 days for sellers, 90 % of its orders within 4 days, clicks found invalid
within 72 hours, the shape of the auction    [OWN] a start value of ours without a source
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Final

ADVERTISED_SHARE: Final = 0.5  # [OWN] of our products
AUTOMATIC_SHARE: Final = 0.25  # [OWN] of the campaigns: Amazon picks the searches
MOST_CAMPAIGNS: Final = 60  # [OWN]
AUCTIONS_PER_DAY: Final = (1500.0, 9000.0)  # [OWN] a target may appear in
CLICK_RATE: Final = (0.004, 0.02)  # [OWN] clicks per impression
CONVERSION: Final = (0.03, 0.14)  # [OWN] orders per click on a good search term
TERM_CONVERSION: Final = (0.05, 1.3)  # [OWN] of it, drawn for each search term: some are a waste
CLICK_PRICE_MINOR: Final = (30, 120)  # [OWN] e^μ of the competing bids
CLICK_PRICE_SIGMA: Final = 0.5  # [OWN]
START_BID: Final = (0.7, 1.6)  # [OWN] of e^μ
DAILY_BUDGET_MINOR: Final = (800, 4000)  # [OWN]
LEAST_BID_MINOR: Final = 2
MOST_BID_MINOR: Final = 100_000
WINDOW: Final = timedelta(days=7)  # [FLD]
DELAY_MEAN: Final = timedelta(days=4 / math.log(10))  # [FLD] 90 % within 4 days
INVALID_SHARE: Final = 0.02  # [OWN] of clicks are taken back
INVALID_AFTER_H: Final = (20.0, 72.0)  # [FLD]
ZONE: Final = "America/Los_Angeles"  # reports of Amazon.com are cut into its days
REPORT_TAKES: Final = timedelta(seconds=75)  # [OWN] real ones: up to 15 minutes
REPORT_KEPT: Final = timedelta(days=2)  # [OWN]
LONGEST_REPORT_DAYS: Final = 31
OLDEST_REPORT_DAYS: Final = 95
