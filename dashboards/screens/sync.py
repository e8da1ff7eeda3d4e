"""Is it all here, and how fresh: the ledger of every stream, what platforms do not offer, intervals and backfills."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pandas as pd
import streamlit as st

from dashboards import theme
from dashboards.parts import NONE, ago, attempt, chips, heading, live, nothing, plain, safely, stamp
from dashboards.session import app, person
from ecom_agent.records.sync import Backfill, Outcome, SyncStatus, SyncStream, Work

OUTCOME = {
    Outcome.COMPLETE: theme.GREEN,
    Outcome.REPAIRED: theme.GREEN,
    Outcome.SHORT: theme.RED,
    Outcome.OVER: theme.ORANGE,
    Outcome.SILENT: theme.RED,
    Outcome.CUT: theme.GRAY,
    Outcome.FAILED: theme.RED,
    Outcome.PUT_OFF: theme.YELLOW,
    "under way": theme.BLUE,
    "waiting": theme.GRAY,
}
HELP = {
    "Told": "how many records the source says the last window holds; blank = it does not say",
    "Came": "how many of them came",
    "New": "how many of them were new or changed",
    "Set aside": "could not be read: the Health screen lists them with their reasons",
    "Gaps repaired": "windows of the last seven days that came short, and were whole at a second reading",
    "Found later": "records that look-backs and repairs brought in the last seven days",
}
UNDER_WAY = (Work.WAITING, Work.RUNNING)


@live
def standing() -> None:
    status = app().sync_status()
    for one in status.streams:
        if one.alarm:
            st.warning(
                f"**{plain(one.account)}: {plain(one.stream)}** — {plain(one.alarm)}  \n"
                f"`ecom sync windows {one.account} {one.stream}` shows what was asked for and what came; "
                "docs/runbooks/not-whole.md says what to do.",
                icon=":material/rule:",
            )
    st.subheader("Streams", anchor=False)
    if not status.streams:
        nothing("No account is set up yet: its streams show up here.")
        return
    if not any(one.last for one in status.streams):
        nothing("No window was read yet: the first pull brings one.")
    outcomes = {str(name): color for name, color in OUTCOME.items()}
    st.dataframe(
        pd.DataFrame([row(one, status) for one in status.streams]),
        hide_index=True,
        column_config={
            "Last window": chips(outcomes),
            **{name: st.column_config.NumberColumn(help=told) for name, told in HELP.items()},
        },
        height="content",
        placeholder=NONE,
    )
    lacks = [(account, missing) for account, missing in status.missing if missing]
    if lacks:
        st.caption("What a platform does not offer is not asked for.")
        for account, missing in lacks:
            st.markdown(f"**{plain(account)}** :gray[does not offer {plain(', '.join(missing))}]")


def row(one: SyncStream, status: SyncStatus) -> dict[str, object]:
    last = one.last
    word = "waiting" if last is None else str(last.outcome or "under way")
    span = NONE if last is None or last.since is None else f"{stamp(last.since)} to {stamp(last.until)}"
    return {
        "Last window": [word],
        "Account": one.account,
        "Platform": one.platform,
        "Stream": one.stream,
        "Fresh": ago(one.fresh_at, status.at),
        "Told": None if last is None else last.expected,
        "Came": None if last is None else last.fetched,
        "New": None if last is None else last.written,
        "Set aside": None if last is None else last.quarantined,
        "Gaps repaired": one.repaired,
        "Found later": one.found_later,
        "Every": f"{one.every_minutes} min" if one.every_minutes else "off",
        "Due": due(one.next_due, status.at),
        "From, to (UTC)": span,
    }


def due(at: datetime | None, now: datetime) -> str:
    if at is None:
        return NONE
    minutes = int((at - now).total_seconds() // 60)
    return "now" if minutes < 1 else f"in {minutes} min"


@live
def backfills() -> None:
    found = app().sync_status().backfills
    if not found:
        nothing("No history was asked for yet.")
    for one in found:
        progress(one)


def progress(one: Backfill) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        what = f"**{plain(one.account)}: {one.stream}** {one.since:%Y-%m-%d} to {one.until:%Y-%m-%d}"
        with st.container(gap="xsmall"):
            st.markdown(f"{what} :gray[{one.state} · {one.fetched:,} read, {one.written:,} new · {plain(one.by)}]")
            st.progress(min(1.0, max(0.0, one.share)))
            if one.error:
                st.markdown(f":red[{plain(one.error)}]")
        if one.state in UNDER_WAY and st.button("Stop", key=f"stop-{one.id}", icon=":material/stop:"):
            attempt("Stopped.", lambda: app().stop_backfill(one.id))
            st.rerun()


def ask() -> None:
    """Which stream of which account, and from when to when."""
    offers = [(account, stream) for account, streams in app().sync_status().backfillable for stream in streams]
    if not offers:
        st.caption("No platform that is set up tells anything over time.")
        return
    today = app().clock.now().date()
    with st.form("backfill", border=True), st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("Stream", offers, format_func=" · ".join, width=240)
        since = st.date_input("From", today - timedelta(days=90), max_value=today)
        until = st.date_input("To", today, max_value=today)
        pressed = st.form_submit_button("Bring in", icon=":material/history:", type="primary", key="backfill-now")
    if pressed and chosen is not None:
        account, stream = chosen
        first, last = moment(since), min(moment(until) + timedelta(days=1), app().clock.now())
        if attempt(
            "It is taken up within a minute.", lambda: app().ask_backfill(stream, account, first, last, person())
        ):
            st.rerun()


def moment(day: object) -> datetime:
    return datetime.combine(day, time(), UTC)  # type: ignore[arg-type]  # one day: the widget is asked for one


def often() -> None:
    """How often a stream is pulled; the schedules follow within a minute."""
    known = {(account, stream): minutes for account, stream, minutes in app().intervals()}
    if not known:
        return
    with st.form("every", border=True), st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Stream", list(known), format_func=lambda key: f"{' · '.join(key)}: {known[key]} min", width=320
        )
        minutes = st.number_input("Minutes between two pulls, 0 = off", min_value=0, value=5, step=1)
        pressed = st.form_submit_button("Set", icon=":material/timer:", key="every-now")
    if pressed and chosen is not None:
        account, stream = chosen
        said = "The schedules follow within a minute."
        if attempt(said, lambda: app().set_interval(account, stream, int(minutes), person())):
            st.rerun()


@safely
def show() -> None:
    heading("Sync", "Is it all here, how fresh is it, and what was put right.")
    standing()
    st.subheader("How often", anchor=False)
    safely(often)()
    st.subheader("History", anchor=False)
    safely(ask)()
    backfills()


show()
