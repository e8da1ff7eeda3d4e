"""Is everything running: pulls, quotas, processes, records set aside; and the switch that stops it all."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import breakers, theme
from dashboards.parts import NONE, ago, attempt, chips, heading, live, nothing, plain, safely, stamp
from dashboards.session import app, person
from ecom_agent.records.views import HaltView, Health

ALL = "all"
ONE_SKU = "one SKU"
LEVELS = {"halted": "nothing leaves", "reducing": "raises only"}
MANY = 15
UNKNOWN = {"word": theme.RED, "field": theme.GRAY}
STREAM = {"ok": theme.GREEN, "failing": theme.RED, "waiting": theme.GRAY}


@live
def running() -> None:
    health = app().health()
    for account, why in health.paused_accounts:
        st.warning(f"**{plain(account)} is paused:** {plain(why)}", icon=":material/pause_circle:")
    st.subheader("Streams", anchor=False)
    streams(health)
    left, right = st.columns(2)
    with left:
        st.subheader("Quotas", anchor=False)
        quotas(health)
    with right:
        st.subheader("Processes", anchor=False)
        processes(health)
        st.caption(f"Database: {plain(health.database)}")


def streams(health: Health) -> None:
    if not health.streams:
        nothing("No pull has run yet. Streams show up here after the first one.")
        return
    rows = [
        {
            "State": ["failing" if s.last_error else "waiting" if s.last_ok_at is None else "ok"],
            "Account": s.account,
            "Stream": s.stream,
            "Every": f"{s.every_minutes} min",
            "Last run": ago(s.last_run_at, health.at),
            "Last good": ago(s.last_ok_at, health.at),
            "Cursor": s.cursor or NONE,
            "Fetched": s.fetched,
            "Written": s.written,
            "Set aside": s.quarantined,
            "Last error": s.last_error or "",
        }
        for s in health.streams
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={"State": chips(STREAM), "Last error": st.column_config.TextColumn(width="large")},
        height="content",
    )


def quotas(health: Health) -> None:
    if not health.quotas:
        nothing("No call to a platform yet.")
        return
    rows = [
        {
            "Account": q.account,
            "Operation": q.operation,
            "Left": max(0.0, min(1.0, q.tokens / q.burst)) if q.burst else 0.0,
            "A second": q.per_s,
            "Throttled": q.throttled,
        }
        for q in health.quotas
    ]
    left = st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1, width="small")
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config={"Left": left})


def processes(health: Health) -> None:
    if not health.processes:
        nothing("No supervisor reports here: processes show up when started by `ecom demo` or `ecom up`.")
        return
    rows = [
        {
            "Process": p.name,
            "State": [p.state],
            "Since": ago(p.since, health.at),
            "Restarts": p.restarts,
            "Last exit": p.last_exit or NONE,
            "Pid": p.pid,
        }
        for p in health.processes
    ]
    others = {p.state: theme.RED for p in health.processes if p.state != "running"}
    colors = chips({"running": theme.GREEN, **others})
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config={"State": colors})


def set_aside() -> None:
    st.subheader("Set aside", anchor=False)
    found = app().quarantine()
    if not found:
        nothing("No record is set aside: all that came in could be read.")
        return
    rows = [
        {
            "Seen (UTC)": stamp(q.seen_at),
            "Account": q.account,
            "Stream": q.stream,
            "Record": q.external_id or NONE,
            "Reason": q.reason,
            "Raw": q.raw_digest[:12],
        }
        for q in found
    ]
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, column_config={"Reason": st.column_config.TextColumn(width="large")}
    )


def unknown() -> None:
    """Words and fields of platforms that no table maps: what has them was kept."""
    st.subheader("Unknown to us", anchor=False)
    found = app().unmapped()
    if not found:
        nothing("Every word and every field that platforms sent is known.")
        return
    rows = [
        {
            "What": [u.kind],
            "Platform": u.platform or NONE,
            "Account": u.account,
            "Field": u.field,
            "Value": u.value or NONE,
            "Seen": u.seen,
            "First (UTC)": stamp(u.first_seen_at),
            "Last (UTC)": stamp(u.last_seen_at),
        }
        for u in found
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={"What": chips(UNKNOWN), "Field": st.column_config.TextColumn(width="large")},
        height="content" if len(rows) < MANY else "auto",
    )


def scopes() -> list[str]:
    whole = [f"account:{account}" for account, _, _ in app().accounts()]
    places = [f"marketplace:{account}/{m}" for account, _, marketplaces in app().accounts() for m in marketplaces]
    return [ALL, *whole, *places, *(f"automation:{a.name}" for a in app().automations()), ONE_SKU]


def stop() -> None:
    with st.form("halt", border=True), st.container(horizontal=True, vertical_alignment="bottom"):
        scope = st.selectbox("Stop sending in", scopes())
        sku = st.text_input("SKU, only for one SKU", placeholder="account/marketplace/sku")
        reason = st.text_input("Reason", placeholder="What did you see?")
        level = st.selectbox("How far", list(LEVELS), format_func=LEVELS.__getitem__)
        pressed = st.form_submit_button("Halt", icon=":material/pan_tool:", type="primary", key="halt-now")
    if not pressed:
        return
    wanted = f"sku:{sku.strip()}" if scope == ONE_SKU else str(scope)
    if not reason.strip() or wanted == "sku:":
        st.warning("A halt needs its scope and a reason: whoever resumes will read it.", icon=":material/edit_note:")
    elif attempt(f"Halted: {wanted}.", lambda: app().halt(wanted, person(), reason.strip(), level)):
        st.rerun()


def go_on(halt: HaltView) -> None:
    """Only a person resumes, and only after saying so twice."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        since = f":gray[by {plain(halt.by)}, {ago(halt.since, app().clock.now())}]"
        badge = ":red-badge[halted]" if halt.level == "halted" else ":orange-badge[raises only]"
        st.markdown(f"{badge} **{plain(halt.scope)}** — {plain(halt.reason)} {since}", width="stretch")
        sure = st.checkbox("The cause is understood and gone", key=f"sure-{halt.scope}")
        pressed = st.button("Resume", icon=":material/play_arrow:", key=f"resume-{halt.scope}", disabled=not sure)
    if pressed and attempt(f"{halt.scope} goes on.", lambda: app().resume(halt.scope, person())):
        st.rerun()


def switch() -> None:
    st.subheader("Halt switch", anchor=False)
    halts = app().halts()
    for halt in halts:
        go_on(halt)
    if not halts:
        st.caption("Nothing is halted. A halt stops every write in its scope at once; only a person can lift it.")
    stop()


@safely
def show() -> None:
    heading("Health", "What runs, how far behind it is, and the switch that stops it.")
    safely(switch)()
    live(breakers.panel)()
    running()
    safely(set_aside)()
    safely(unknown)()


show()
