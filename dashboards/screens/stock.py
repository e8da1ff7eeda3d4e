"""One stock for all channels: what we have of each product, what each channel shows of it, and why."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboards import theme
from dashboards.parts import NONE, ago, attempt, chips, heading, live, nothing, safely, stamp
from dashboards.session import app, person
from ecom_agent.records.pools import PoolView

STATE = {"fits": theme.GREEN, "too much": theme.RED, "never counted": theme.YELLOW}


def state(pool: PoolView) -> str:
    if pool.on_hand is None or pool.sellable is None:
        return "never counted"
    return "too much" if pool.mode == "split" and pool.shown > pool.sellable else "fits"


@live
def overview() -> None:
    pools, now = app().pools(), app().clock.now()
    if not pools:
        nothing(
            "No product yet. Say on the Bindings screen which listings sell which product, then count here what lies "
            "on the shelf: until then every channel stays as it is."
        )
        return
    st.markdown(
        f"**{len(pools)}** products · **{sum(state(p) == 'too much' for p in pools)}** are shown too often · "
        f"**{sum(state(p) == 'never counted' for p in pools)}** were never counted and stay as they are"
    )
    rows = [
        {
            "State": [state(p)],
            "Product": p.sku,
            "On hand": p.on_hand,
            "In orders": p.reserved,
            "Held back": p.buffer,
            "Sellable": p.sellable,
            "All channels show": p.shown,
            "Channels": len(p.outlets),
            "Counted": ago(p.counted_at, now),
        }
        for p in pools
    ]
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, column_config={"State": chips(STATE)}, height="content", placeholder=NONE
    )


def channels(pool: PoolView) -> None:
    """What each channel shows, what it should, and how fresh that is."""
    now = app().clock.now()
    if not pool.outlets:
        nothing("No channel of ours shows it: its listings are not bound, or their stock was not read yet.")
        return
    rows = [
        {
            "Account": x.account,
            "Listing": x.sku,
            "Place": f"{x.marketplace} · {x.location}",
            "Shows": x.shown,
            "Share": x.share,
            "Told now": NONE if x.wanted is None else str(x.wanted),
            "Why": x.why,
            "Stock read": ago(x.seen_at, now),
            "Orders read": ago(x.orders_at, now),
        }
        for x in pool.outlets
    ]
    wide = st.column_config.TextColumn(width="large")
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config={"Why": wide}, height="content", placeholder=NONE)


def entries(sku: str) -> None:
    rows = [
        {"At (UTC)": stamp(e.at), "What": e.kind.value, "Units": e.units, "By": e.by, "Note": e.note or NONE}
        for e in app().stock_entries(sku)
    ]
    if rows:
        st.dataframe(pd.DataFrame(rows), hide_index=True, height="content")
    else:
        nothing("Nothing was entered for it yet: no channel is raised before somebody counts.")


def book(pool: PoolView) -> None:
    """Enter a count, or what came or went."""
    with st.form("stock-entry", border=True), st.container(horizontal=True, vertical_alignment="bottom"):
        what = st.selectbox("Enter", ["counted on the shelf", "came (minus: went)"], key="entry-what", width=230)
        # The product is part of the key: what was typed for one must not be entered for another.
        units = st.number_input(
            "Units", value=None, step=1, placeholder="how many", key=f"entry-units-{pool.sku}", width=160
        )
        note = st.text_input("Note", placeholder="stocktake, goods received, broken …", key="entry-note")
        pressed = st.form_submit_button("Enter", icon=":material/edit_square:", type="primary", key="entry-now")
    if not pressed:
        return
    if units is None:
        st.warning("Say how many units first.", icon=":material/edit:")
        return
    if what == "counted on the shelf":
        done = attempt(
            f"{pool.sku}: {units} counted.", lambda: app().count_stock({pool.sku: int(units)}, person(), note)
        )
    elif not note.strip():
        st.warning("What came or went needs a note: whoever looks later will want to know.", icon=":material/edit:")
        return
    else:
        done = attempt(
            lambda n: f"{pool.sku}: {n} on hand now.",
            lambda: app().move_stock(pool.sku, int(units), person(), note.strip()),
        )
    if done:
        st.rerun()


def one(pools: Sequence[PoolView]) -> None:
    st.subheader("One product", anchor=False)
    sku = st.selectbox("Product", [pool.sku for pool in pools], key="product", bind="query-params")
    pool = next(pool for pool in pools if pool.sku == sku)
    st.caption(
        "Units on the shelf include those of open orders: count what lies there. "
        f"Mode of the policy `allocation`: {pool.mode}."
    )
    channels(pool)
    book(pool)
    entries(pool.sku)


@safely
def show() -> None:
    heading("Stock", "One stock, many channels: what each may show, so that nothing is sold that is not there.")
    overview()
    if pools := app().pools():
        safely(one)(pools)


show()
