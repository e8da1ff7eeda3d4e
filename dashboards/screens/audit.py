"""The record nobody can change: is the chain whole, what happened, and why one change was made."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
import pandas as pd
import streamlit as st

from dashboards.parts import NONE, ago, change, heading, nothing, plain, safely, stamp, verdicts
from dashboards.session import app
from ecom_agent.records.views import AuditEventView

A_PAGE = 100


def chain() -> None:
    """Checked on the first visit and when asked: it reads the whole record."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        if st.button("Check the chain again", icon=":material/link:") or "chain" not in st.session_state:
            st.session_state["chain"] = (app().audit_verify(), app().clock.now())
        report, at = st.session_state["chain"]
        when = f":gray[checked {ago(at, app().clock.now())}]"
        if report.ok:
            st.markdown(
                ":green-badge[:material/check: whole] **The chain is whole.** "
                f"{report.events:,} events, head `{(report.head or NONE)[:16]}` {when}",
                width="stretch",
            )
        else:
            st.error(
                f"**The chain is broken at event {report.broken_at}.** {plain(report.reason or NONE)}. "
                "Halt everything and restore from a backup.",
                icon=":material/link_off:",
            )


def table(events: Sequence[AuditEventView]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "#": e.seq,
                "When (UTC)": stamp(e.at),
                "Step": e.step,
                "Who": e.actor,
                "Action": (e.action_key or NONE)[:10],
                "Detail": orjson.dumps(dict(e.detail), default=str).decode(),
                "Digest": e.digest[:12],
            }
            for e in events
        ]
    )


def events() -> None:
    st.subheader("Events", anchor=False)
    before: int | None = st.session_state.get("before")
    found = app().audit_events(limit=A_PAGE, before=before)
    if not found:
        nothing("Nothing recorded yet." if before is None else "There is nothing older.")
    else:
        st.dataframe(
            table(found),
            hide_index=True,
            height=420,
            column_config={"Detail": st.column_config.TextColumn(width="large")},
        )
    with st.container(horizontal=True):
        if before is not None and st.button("Newest", icon=":material/first_page:"):
            st.session_state["before"] = None
            st.rerun()
        if len(found) == A_PAGE and st.button("Older", icon=":material/chevron_right:"):
            st.session_state["before"] = found[-1].seq
            st.rerun()


def explain() -> None:
    st.subheader("Explain one change", anchor=False)
    key = st.text_input(
        "Action",
        placeholder="The first characters of an Action, as in the table below",
        key="action",
        bind="query-params",
    ).strip()
    if not key:
        st.caption("Every change can be told from the first fact it was decided on to the last step it took.")
        return
    action, told = app().explain(key)
    with st.container(border=True):
        st.markdown(change(action))
        st.caption(f"{plain(action.reason)} · by {action.proposed_by} · `{action.key}`")
        verdicts(action, full=True)
        st.dataframe(table(told), hide_index=True, column_config={"Detail": st.column_config.TextColumn(width="large")})


@safely
def show() -> None:
    heading("Audit", "Every step of every change, append-only and chained by hashes.")
    safely(chain)()
    safely(explain)()
    safely(events)()


show()
