"""Amazon Ads' payloads → records. Pure: no clock, no I/O, no guesses; Amazon's words stop here."""

from platforms.amazon_ads.parse.entities import ad_groups, campaigns, keywords, negatives, product_ads, targets
from platforms.amazon_ads.parse.figures import report_rows, search_terms, targeting
from platforms.amazon_ads.parse.profiles import Profile, profiles
from platforms.amazon_ads.parse.reports import Made, made
from platforms.amazon_ads.parse.written import Fate, fate

__all__ = [
    "Fate",
    "Made",
    "Profile",
    "ad_groups",
    "campaigns",
    "fate",
    "keywords",
    "made",
    "negatives",
    "product_ads",
    "profiles",
    "report_rows",
    "search_terms",
    "targeting",
    "targets",
]
