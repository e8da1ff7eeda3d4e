"""How far a return is by the books is what its platform's own words for it come to."""

from __future__ import annotations

import pytest

from ecom_agent.evaluate.sync.truth import return_status
from platforms.simulated.wire import tiktok as tiktok_wire
from platforms.simulated.wire import walmart_care
from platforms.tiktok_shop.parse import words as tiktok
from platforms.walmart.parse import words as walmart

STATUSES = ("requested", "approved", "declined", "received", "refunded")


@pytest.mark.parametrize("status", STATUSES)
def test_each_platform_s_word_is_read_as_the_books_have_it(status: str) -> None:
    assert return_status(status, "walmart") == walmart.RETURN[walmart_care.STATUS[status]]
    assert return_status(status, "tiktok") == tiktok.RETURN[tiktok_wire.RETURN_STATUS[status]]
