"""Junk anywhere in an answer ends in records, in something set aside, or in an error of ours: never in a crash."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vendor_kit import Vendor, bodies

from ecom_agent.errors import EcomError
from platforms import registry

SPEC = registry.spec("tiktok_shop")
STREAMS = ("orders", "returns", "charges", "messages", "listings", "stock")
JUNK: Any = st.sampled_from([None, 0, -1, True, 10**30, 1.5, "", "junk", "NaN", "\x00", [], [None], {}, {"a": [1]}])


def places(body: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to each value in a body."""
    inside: Any = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    return [here, *(place for name, value in inside for place in places(value, (*here, name)))]


@pytest.mark.parametrize("stream", STREAMS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_junk_never_crashes_a_pull(stream: str, data: st.DataObject) -> None:
    junk, pick = data.draw(JUNK), data.draw(st.integers(0, 10_000))

    def spoil(body: Any) -> Any:
        spoilt = copy.deepcopy(body)
        ways = [place for place in places(spoilt) if place]
        *way, last = ways[pick % len(ways)]
        node = spoilt
        for step in way:
            node = node[step]
        node[last] = junk
        return spoilt

    vendor = Vendor(SPEC, stream)
    bodies(vendor, spoil, only=stream)
    try:
        pages = list(getattr(vendor.open(), f"pull_{stream}")(None))
    except EcomError:
        return
    except AssertionError as error:
        if "no sample answers" not in str(error):  # else it asked for what the junk named
            raise
        return
    assert pages
    assert all(poison.reason for page in pages for poison in page.poison)
