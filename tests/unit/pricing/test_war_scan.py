"""Listings at war are found in columns exactly where looking at each story finds them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from story_columns import Told, columns

from pricing.war import QUIET, Moment, detect
from pricing.war_scan import at_war

START = datetime(2026, 3, 1, tzinfo=UTC)
NOW = START + timedelta(hours=90)  # what was told in the first hours is out of the window, the last not known yet

prices = st.none() | st.just(0) | st.integers(1_800, 2_000)


@st.composite
def wandering(draw: st.DrawFn) -> list[Told]:
    hours = draw(st.lists(st.integers(0, 95), max_size=25, unique=True))
    return [Told(START + timedelta(hours=h), draw(prices), draw(prices)) for h in hours]


@st.composite
def fighting(draw: st.DrawFn) -> list[Told]:
    """Mostly by turns below one another, with a step back or a moment unknown now and then."""
    ours = rival = 2_000
    story, first = [], draw(st.integers(0, 60))
    for n in range(draw(st.integers(2, 20))):
        story.append(Told(START + timedelta(hours=first + n), ours, rival))
        match draw(st.sampled_from(("we", "they", "both", "raise", "unknown", "stay"))):
            case "we":
                ours = rival - draw(st.integers(0, 20))
            case "they":
                rival = ours - draw(st.integers(0, 20))
            case "both":
                ours, rival = rival - draw(st.integers(0, 20)), ours - draw(st.integers(0, 20))
            case "raise":
                rival += draw(st.integers(1, 9))
            case "unknown":
                story.append(Told(START + timedelta(hours=first + n, minutes=30), None, rival))
    return story


def looked_at(story: list[Told]) -> bool:
    return detect([Moment(t.at, t.ours or None, t.rival or None) for t in story], NOW) is not None


@settings(max_examples=60)
@given(st.lists(wandering() | fighting(), max_size=12))
def test_the_scan_finds_what_looking_at_each_finds(stories: list[list[Told]]) -> None:
    found = at_war(columns(*stories), len(stories), NOW)
    assert found == [n for n, story in enumerate(stories) if looked_at(story)]


def spiral(turns: int, first: datetime) -> list[Told]:
    ours = rival = 2_000
    story = [Told(first, ours, rival)]
    for n in range(turns):
        ours, rival = (rival - 20, rival) if n % 2 else (ours, ours - 20)
        story.append(Told(first + timedelta(minutes=20 * (n + 1)), ours, rival))
    return story


def test_wars_are_found_by_their_numbers_and_old_ones_are_over() -> None:
    on, over = spiral(6, NOW - timedelta(hours=3)), spiral(6, NOW - QUIET - timedelta(hours=4))
    assert at_war(columns([], on, over, spiral(3, NOW - timedelta(hours=2)), on), 5, NOW) == [1, 4]
    assert at_war(columns(), 0, NOW) == []


def test_a_story_in_two_currencies_is_always_looked_at() -> None:
    euro = [t._replace(currency="EUR") for t in spiral(1, NOW - timedelta(hours=9))]
    calm = [Told(NOW - timedelta(hours=1), 2_000, 2_000)]
    assert at_war(columns(calm, [*euro, *calm], calm), 3, NOW) == [1]
