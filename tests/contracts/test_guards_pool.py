"""The guard of the pool: whatever the facts, more units than before are allowed only where the pool has them."""

from dataclasses import replace

import pytest
from actions_kit import ACCOUNT, MARKET, SKU, T0, level, policy, pool, wish
from hypothesis import given
from hypothesis import strategies as st

from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.guards.stock_pool import GUARD
from ecom_agent.actions.model import Answer, Kind, Mode

UNITS = st.integers(0, 200)


def judged(to, shown=50, book=None, *, location="main", seen=True):
    """The answer to showing `to` units where `shown` are shown now."""
    facts = GuardFacts(T0, Mode.LIVE, level=level(units=shown) if seen else None, pool=book)
    return GUARD(wish(shown, to, kind=Kind.STOCK_SET, evidence={"location": location}), facts)


@given(UNITS, UNITS, UNITS, UNITS, st.integers(0, 9))
def test_what_is_allowed_is_there(on_hand, to, shown, others, keep):
    book = pool(on_hand, shown, others)
    book = replace(book, policy={**policy("allocation"), "keep_units": keep})
    allowed = judged(to, shown, book).answer is Answer.ALLOW
    assert allowed == (to <= shown or to + others <= on_hand - keep)


def test_a_shared_pool_is_bounded_by_what_the_policy_allows_in_all():
    book = replace(pool(10, 0, 8, 8), policy={**policy("allocation"), "mode": "shared", "overlap": "2"})
    assert judged(4, 0, book).answer is Answer.ALLOW
    assert judged(5, 0, book).answer is Answer.DENY


@pytest.mark.parametrize(
    ("book", "said"),
    [
        (None, "never counted"),
        (replace(pool(), policy={}), "no usable limit in the policy"),
        (replace(pool(), policy={**policy("allocation"), "keep_units": "two"}), "keep_units"),
        (replace(pool(), shelves={}), "a part of it was never counted"),
        (replace(pool(), outlets=()), "draws from no pool"),
        (pool(52, 50, 3), "the pool leaves 49"),
    ],
)
def test_what_is_not_known_is_not_raised_but_may_be_lowered(book, said):
    raised, lowered = judged(51, book=book), judged(49, book=book)
    assert (raised.answer, lowered.answer) == (Answer.DENY, Answer.ALLOW)
    assert said in raised.reason


def test_another_location_is_another_outlet_and_an_unseen_level_is_no_level():
    assert judged(51, book=pool(), location="elsewhere").answer is Answer.DENY
    assert judged(49, book=None, seen=False).answer is Answer.DENY


def test_what_is_not_stock_is_not_its_business():
    assert GUARD(wish(), GuardFacts(T0, Mode.LIVE)).answer is Answer.ALLOW
    assert pool().outlets[0].key == (ACCOUNT, MARKET, SKU, "main")
