"""What needs a person now, how business goes, and what the machine changed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from dashboards import charts
from dashboards.parts import (
    ACTION_COLUMNS,
    action_table,
    ago,
    attempt,
    change,
    heading,
    live,
    money,
    nothing,
    plain,
    read_lately,
    safely,
    tile_value,
    verdicts,
)
from dashboards.session import app, person
from ecom_agent.records.views import Exceptional, Tile

SCREENS = Path(__file__).parent
TILES_A_ROW = 4
LEDGER_ROWS = 40
DAYS = 7
LOOKS = {"error": ("red", ":material/error:"), "warning": ("orange", ":material/warning:")}


@live
def now_part() -> None:
    seen = app().overview()
    st.subheader("To act on", anchor=False)
    if not seen.exceptions:
        st.success("Nothing waits for you. Exceptions show up here first.", icon=":material/task_alt:")
    for wrong in seen.exceptions:
        exception(wrong)
    st.subheader("Business", anchor=False)
    if not seen.tiles:
        nothing("No figures yet. They come with the first orders and offers, a few minutes after the first sync.")
    for start in range(0, len(seen.tiles), TILES_A_ROW):
        for column, tile in zip(st.columns(TILES_A_ROW), seen.tiles[start : start + TILES_A_ROW], strict=False):
            with column:
                kpi(tile)
    st.subheader("Sales by hour", anchor=False)
    if seen.sales_by_hour:
        st.plotly_chart(charts.sales(seen.sales_by_hour), key="sales", config={"displayModeBar": False})
        st.caption(f"Hours in UTC, each currency by itself · orders · {ago(seen.at, app().clock.now())}")
    else:
        nothing("No sales seen yet. Orders are pulled every few minutes; the first ones draw this chart.")


@safely
def by_day() -> None:
    """Sales of the last days, each marketplace by its own midnight, and at home at the rate of that day."""
    st.subheader("Sales by day", anchor=False)
    found = app().sales_by_day(days=DAYS)
    read_lately("orders")
    if not found:
        nothing("No sales in the last days. They come with the first orders.")
        return
    rows = [
        {
            "Day": d.day.isoformat(),
            "Account": d.account,
            "Marketplace": d.marketplace,
            "Zone": d.zone,
            "Orders": d.orders,
            "Sales": money(d.sales),
            "At home": money(d.home),
            "By": d.by or d.why,
        }
        for d in found
    ]
    wide = {"By": st.column_config.TextColumn(width="large")}
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=wide)


def exception(wrong: Exceptional) -> None:
    color, icon = LOOKS.get(wrong.severity, ("blue", ":material/info:"))
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.badge(wrong.severity, color=color, icon=icon, width=96)  # type: ignore[arg-type]  # Streamlit's colour words
        since = f" :gray[· since {ago(wrong.since, app().clock.now())}]" if wrong.since else ""
        st.markdown(f"**{plain(wrong.title)}** — {plain(wrong.detail)}{since}", width="stretch")
        if (SCREENS / f"{wrong.screen}.py").exists():
            st.page_link(f"screens/{wrong.screen}.py", label=f"Open {wrong.screen}", icon=":material/arrow_forward:")


def kpi(tile: Tile) -> None:
    with st.container(border=True, gap=None):
        st.metric(tile.label, tile_value(tile))
        st.caption(
            f"{tile.source} · {ago(tile.as_of, app().clock.now())}" if tile.as_of else f"{tile.source} · no data yet"
        )


@safely
def ledger() -> None:
    """Not refreshed by itself: a row that is picked must not become another one."""
    st.subheader("Automated changes", anchor=False)
    actions = app().actions(limit=LEDGER_ROWS)
    if not actions:
        nothing("No automated change yet. Each one will be listed here with its reason, and can be undone.")
        return
    picked = st.dataframe(
        action_table(actions, app().clock.now()),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="ledger",
        height=350,
        column_config=ACTION_COLUMNS,
    )
    rows = picked["selection"]["rows"]
    if not rows or rows[0] >= len(actions):
        st.caption("Pick a row to see its guards or to undo it.")
        return
    action = actions[rows[0]]
    with st.container(border=True):
        st.markdown(change(action))
        st.caption(plain(action.reason))
        verdicts(action)
        st.page_link(
            "screens/audit.py",
            label="Explain it, from the first fact on",
            icon=":material/history:",
            query_params={"action": action.key[:16]},
        )
        if action.undoable:
            undo = st.button("Undo this change", icon=":material/undo:", key=f"undo-{action.key}")
            if undo and attempt(
                f"Undo of {action.target} is on its way through the guards.", lambda: app().undo(action.key, person())
            ):
                st.rerun()
        else:
            st.caption(f"A change that is {action.state} cannot be undone.")


@safely
def show() -> None:
    heading("Overview", "What needs a person first, then the figures, then what was changed for you.")
    now_part()
    by_day()
    ledger()


show()
