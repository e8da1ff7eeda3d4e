"""The rule language: what people write (YAML) → a checked rule → clauses, filter and limits for one listing.

`read` a document, `why` a listing has it, `compile_rule` it for a currency and a day, `narrow` its limits. Pure.
"""

from pricing.rules.book import Library, presets
from pricing.rules.bounds import Band, narrow
from pricing.rules.compile import Compiled, compile_rule, today
from pricing.rules.facts import listing_facts
from pricing.rules.model import Rule
from pricing.rules.problems import Problem, RuleRefused
from pricing.rules.read import problems_of, read
from pricing.rules.scopes import Why, why
from pricing.rules.tiers import business_prices
from pricing.rules.write import write

__all__ = [
    "Band",
    "Compiled",
    "Library",
    "Problem",
    "Rule",
    "RuleRefused",
    "Why",
    "business_prices",
    "compile_rule",
    "listing_facts",
    "narrow",
    "presets",
    "problems_of",
    "read",
    "today",
    "why",
    "write",
]
