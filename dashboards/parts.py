"""What the screens share: formats, the frame that turns errors into sentences, small blocks."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, ParamSpec, TypeVar

import pandas as pd
import streamlit as st

from dashboards import theme
from dashboards.session import app, person
from ecom_agent.errors import EcomError
from ecom_agent.money import Money, exponent
from ecom_agent.records.views import ActionView, Tile
from ecom_agent.telemetry import log

P = ParamSpec("P")
R = TypeVar("R")
NONE: Final = "—"
REFRESH_S: Final = 15
STATES: Final = {
    "proposed": theme.GRAY,
    "held": theme.YELLOW,
    "denied": theme.GRAY,
    "approved": theme.BLUE,
    "executing": theme.BLUE,
    "unknown": theme.ORANGE,
    "applied": theme.BLUE,
    "verified": theme.GREEN,
    "previewed": theme.GRAY,
    "failed": theme.RED,
}
STATE_COLOR: Final = {"held": "orange", "unknown": "orange", "verified": "green", "failed": "red"}
ANSWER: Final = {"allow": ":green-badge[allow]", "hold": ":orange-badge[hold]", "deny": ":red-badge[deny]"}
MODE_COLOR: Final = {"live": "green", "sandbox": "blue", "dry-run": "gray"}


def ago(at: datetime | None, now: datetime) -> str:
    """ "2 min ago", as coarse as people think; "never" for None."""
    if at is None:
        return "never"
    seconds = max(0, int((now - at).total_seconds()))
    if seconds < 5:
        return "just now"
    for limit, unit, size in ((90, "s", 1), (90 * 60, "min", 60), (36 * 3600, "h", 3600)):
        if seconds < limit:
            return f"{seconds // size} {unit} ago"
    return f"{seconds // 86400} d ago"


def money(amount: Money | None) -> str:
    """ "1,899.00 USD"; a dash for None."""
    if amount is None:
        return NONE
    return f"{amount.major:,.{exponent(amount.currency)}f} {amount.currency}"


def plain(text: str) -> str:
    """Text from outside, kept from being read as Markdown: no links, no pictures, no colours of its own."""
    return re.sub(r"([\\`*_{}\[\]()#+!|<>~:$^-])", r"\\\1", text)


def stamp(at: datetime | None) -> str:
    """A moment in UTC to the second."""
    return NONE if at is None else at.strftime("%Y-%m-%d %H:%M:%S")


def tile_value(tile: Tile) -> str:
    """A KPI as text in its unit."""
    if tile.value is None:
        return NONE
    if tile.unit == "ratio":
        return f"{tile.value:.1%}"
    if tile.unit == "count":
        return f"{tile.value:,}"
    return money(Money(int(tile.value), tile.unit))


def safely(show: Callable[P, None]) -> Callable[P, None]:
    """Run a screen or fragment; an error becomes one clear message, the traceback goes to the log.

    This is a screen's outermost run, hence the wide catch. Streamlit's own stop and rerun are no `Exception`.
    """

    @functools.wraps(show)
    def framed(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            show(*args, **kwargs)
        except EcomError as e:
            st.error(f"**This cannot be shown now.** {plain(str(e))}", icon=":material/error:")
        except Exception as e:  # noqa: BLE001
            log("console").exception("screen failed", screen=show.__module__, error=type(e).__name__)
            st.error(
                f"**Something unexpected broke here** ({type(e).__name__}). The rest keeps running; "
                "the console's log has the details.",
                icon=":material/error:",
            )

    return framed


def live(show: Callable[[], None]) -> Callable[[], None]:
    """A part of a screen that refreshes itself. Never around an editor: a refresh would lose what is typed."""
    return st.fragment(safely(show), run_every=REFRESH_S)


def attempt(done: str | Callable[[R], str], act: Callable[[], R]) -> bool:
    """Do what a person asked for; say what came of it, or why it did not."""
    try:
        result = act()
    except EcomError as e:
        st.error(plain(str(e)), icon=":material/block:")
        return False
    st.session_state["said"] = done if isinstance(done, str) else done(result)
    return True


def say_what_was_done() -> None:
    """The message of the run before, once."""
    if done := st.session_state.pop("said", None):
        st.toast(done, icon=":material/check_circle:")


def heading(title: str, caption: str) -> None:
    """A screen's title with a button to look again."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        with st.container(gap=None):
            st.title(title, anchor=False)
            st.caption(caption)
        st.button("Refresh", icon=":material/refresh:", key=f"refresh-{title}")
    say_what_was_done()


def read_lately(stream: str) -> None:
    """Where what is shown comes from, and when each account was last read without an error."""
    health = app().health()
    told = [f"{plain(s.account)} {ago(s.last_ok_at, health.at)}" for s in health.streams if s.stream == stream]
    st.caption(f"From the stream {stream}, last read: {', '.join(told) or 'never'}")


def nothing(sentence: str) -> None:
    """An empty state: a sentence that says what will come here, never an empty chart."""
    st.info(sentence, icon=":material/inbox:")


def action_table(actions: Sequence[ActionView], now: datetime) -> pd.DataFrame:
    """Actions as rows for st.dataframe."""
    return pd.DataFrame(
        [
            {
                "When": ago(a.updated_at, now),
                "State": [a.state],
                "SKU": a.target,
                "Account": a.account,
                "Before": a.before or NONE,
                "After": a.after,
                "Why": a.reason,
                "By": a.proposed_by,
                "Action": a.key[:10],
            }
            for a in actions
        ]
    )


def chips(colors: Mapping[str, str]) -> Any:
    """A column of coloured words: cells are lists of the words in `colors`."""
    return st.column_config.MultiselectColumn(options=list(colors), color=list(colors.values()))


ACTION_COLUMNS: Final = {"State": chips(STATES)}


def change(action: ActionView) -> str:
    """One change as a line of Markdown: what, where, from, to, how far it got."""
    color = STATE_COLOR.get(action.state, "blue")
    return (
        f"**{plain(action.target)}** on {plain(action.account)} :gray[·] "
        f"{action.before or 'unknown'} → **{action.after}** "
        f":{color}-badge[{action.state}]"
    )


def verdicts(action: ActionView, *, full: bool = False) -> None:
    """What each guard answered: those that did not allow with their reasons, the others named, unless `full`."""
    told = [v for v in action.verdicts if full or v[1] != "allow"]
    others = [plain(guard) for guard, answer, _ in action.verdicts if not full and answer == "allow"]
    with st.container(gap="xsmall"):
        for guard, answer, reason in told:
            st.markdown(f"{ANSWER.get(answer, answer)} **{plain(guard)}** :gray[{plain(reason)}]")
        if others:
            st.markdown(f"{ANSWER['allow']} :gray[{', '.join(others)}]")


@live
def status_bar() -> None:
    """Mode, freshness, who decides here, and a red banner while anything is halted."""
    health, now = app().health(), app().clock.now()
    newest = max((s.last_ok_at for s in health.streams if s.last_ok_at is not None), default=None)
    with st.container(horizontal=True, gap="small"):
        st.badge(health.mode.upper(), color=MODE_COLOR.get(health.mode, "gray"), icon=":material/public:")  # type: ignore[arg-type]  # one of Streamlit's colour words
        fresh = f"Last sync {ago(newest, now)}" if newest else "Not synced yet"
        st.badge(fresh, color="gray", icon=":material/schedule:")
        st.badge(f"{now:%H:%M} UTC", color="gray")
        st.badge(plain(person()), color="gray", icon=":material/person:")
    for halt in health.halts:
        told = f"{plain(halt.scope)}** — {plain(halt.reason)} (by {plain(halt.by)}, {ago(halt.since, now)})."
        if halt.level == "reducing":
            raises = "Prices in this scope may only be raised. Resume on the Health screen."
            st.warning(f"**Raises only: {told} {raises}", icon=":material/trending_up:")
        else:
            nothing_sent = "Nothing in this scope is sent. Resume on the Health screen."
            st.error(f"**Halted: {told} {nothing_sent}", icon=":material/pan_tool:")
