"""Whatever is changed, dropped, swapped or slipped in, the chain no longer fits, and the report says where."""

from dataclasses import replace
from datetime import timedelta, timezone

import orjson
from actions_kit import T0
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_agent.actions.audit import GENESIS, AuditEvent, canonical, seal, verify

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def chain(n):
    links = []
    for i in range(n):
        event = AuditEvent(T0 + timedelta(seconds=i), "ab" * 32, "applied", "system:test", {"n": i})
        links.append(seal(event, links[-1] if links else None))
    return links


def test_a_whole_chain_fits():
    assert verify([]).ok
    assert verify([]).head is None
    links = chain(5)
    report = verify(iter(links))
    assert (report.ok, report.events, report.head) == (True, 5, links[-1].digest)
    assert links[0].previous == GENESIS


@settings(max_examples=100)
@given(at=st.integers(0, 9), how=st.sampled_from(["detail", "drop", "swap", "double", "digest", "time", "actor"]))
def test_any_change_is_found_where_it_is(at, how):
    links = chain(10)
    link = links[at]
    match how:
        case "detail":
            links[at] = replace(link, event=replace(link.event, detail={"n": 99}))
        case "time":
            links[at] = replace(link, event=replace(link.event, at=T0 - timedelta(microseconds=1)))
        case "actor":
            links[at] = replace(link, event=replace(link.event, actor="anna"))
        case "digest":
            links[at] = replace(link, digest="f" * 64)
        case "drop":
            del links[at]
        case "double":
            links.insert(at, link)
        case "swap":
            other = (at + 1) % 10
            links[at], links[other] = links[other], links[at]
    report = verify(links)
    if how == "drop" and at == 9:
        assert report.ok  # cutting off the end shows only against a head kept elsewhere
        assert report.events == 9
        return
    assert not report.ok
    assert report.reason
    assert report.broken_at is not None


def test_a_forged_event_with_a_right_digest_of_its_own_breaks_the_next():
    links = chain(4)
    links[1] = seal(replace(links[1].event, detail={"n": 99}), links[0])
    assert verify(links).broken_at == 3


@settings(max_examples=100)
@given(detail=st.dictionaries(st.text(max_size=5), JSON, max_size=4))
def test_what_was_sealed_reads_back_the_same(detail):
    event = AuditEvent(T0, None, "x", "y", detail)
    stored = orjson.loads(orjson.dumps(detail))
    assert canonical(1, event) == canonical(1, replace(event, detail=stored))


def test_the_same_moment_in_another_time_zone_is_the_same_event():
    there = T0.astimezone(timezone(timedelta(hours=9)))
    event = AuditEvent(T0, None, "x", "y")
    assert canonical(1, event) == canonical(1, replace(event, at=there))
