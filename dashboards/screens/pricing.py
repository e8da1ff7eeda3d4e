"""Prices against rivals and limits: the table, one listing's story, and the limits a person sets."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import datetime, timedelta

import pandas as pd
import streamlit as st

from dashboards import charts, limits_form, theme
from dashboards.parts import (
    ACTION_COLUMNS,
    NONE,
    action_table,
    ago,
    attempt,
    chips,
    heading,
    money,
    nothing,
    plain,
    safely,
)
from dashboards.session import app, person
from ecom_agent.records.views import ListingView, WarView

HOLDER = {True: ["ours"], False: ["rival's"], None: []}
HOLDERS = {"ours": theme.GREEN, "rival's": theme.ORANGE}
WARS_KEPT = timedelta(minutes=5)
FOEP = "price at or below which our offer may be featured, by Amazon"


def listing_table(listings: Sequence[ListingView], now: datetime) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "SKU": x.sku,
                "Title": x.title,
                "Account": x.account,
                "Price": money(x.price),
                "Buy Box": money(x.buy_box),
                "Held": HOLDER[x.we_hold_buy_box],
                "Lowest rival": money(x.lowest_rival),
                "FOEP": money(x.expected_price),
                "Floor": money(x.floor) if x.floor else "none",
                "Ceiling": money(x.ceiling),
                "Why this floor": x.floor_reason,
                "Seen": ago(x.seen_at, now),
            }
            for x in listings
        ]
    )


def listings_tab() -> None:
    every = app().pricing()
    if not every:
        nothing("No listing known yet. Listings are pulled every 30 minutes; they show up here with their limits.")
        return
    words = st.text_input("Find", placeholder="SKU, title or account", label_visibility="collapsed", key="find").lower()
    listings = [x for x in every if words in f"{x.sku} {x.title} {x.account} {x.marketplace}".lower()]
    if not listings:
        nothing(f"None of {len(every)} listings has {words!r} in its SKU, title or account.")
        return
    right = {
        name: st.column_config.TextColumn(alignment="right")
        for name in ("Price", "Buy Box", "Lowest rival", "Floor", "Ceiling")
    }
    right["FOEP"] = st.column_config.TextColumn(help=FOEP, alignment="right")
    picked = st.dataframe(
        listing_table(listings, app().clock.now()),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"listings-{words}",
        height=min(420, 38 + 35 * len(listings)),
        column_config={**right, "Held": chips(HOLDERS), "Title": st.column_config.TextColumn(width="medium")},
    )
    rows = picked["selection"]["rows"]
    story(listings[rows[0]] if rows and rows[0] < len(listings) else listings[0])


def story(listing: ListingView) -> None:
    told = app().story(listing.account, listing.marketplace, listing.sku)
    st.subheader(f"{plain(listing.sku)} · {plain(listing.title)}", anchor=False)
    st.caption(f"{plain(listing.account)} · {plain(listing.marketplace)} · pick another row above to see its story")
    if listing.floor is None:
        st.warning(
            f"No price is written for this listing: {plain(listing.floor_reason)}. Set a minimum under Limits.",
            icon=":material/lock:",
        )
    if listing.expected_status is not None:
        st.caption(f"The platform on being featured: {plain(listing.expected_status)}, {money(listing.expected_price)}")
    if len(told.points) > 1:
        st.plotly_chart(charts.price_story(listing, told.points), key="story", config={"displayModeBar": False})
        st.caption("Times in UTC · shaded while the Buy Box is ours · dashed lines are floor and ceiling of today")
    else:
        nothing("No price history yet. It is drawn from the second offer seen on; shops without a Buy Box have none.")
    if listing.floor_parts:
        with st.expander(f"Floor {money(listing.floor) if listing.floor else 'none'}: {plain(listing.floor_reason)}"):
            floor_parts(listing)
    st.subheader("Decisions", anchor=False)
    if told.actions:
        st.dataframe(
            action_table(told.actions, app().clock.now()),
            hide_index=True,
            column_config=ACTION_COLUMNS,
            column_order=("When", "State", "Before", "After", "Why", "By", "Action"),
        )
    else:
        nothing("Nothing decided for this listing yet.")


def floor_parts(listing: ListingView) -> None:
    """The bounds, highest first, and what break-even is made of."""
    bounds = sorted(listing.floor_parts, key=lambda part: part[1], reverse=True)
    st.caption("The highest of these holds: " + " · ".join(f"{plain(name)} {money(amount)}" for name, amount in bounds))
    if not listing.floor_costs:
        st.caption("Without a landed cost only the minimum and MAP hold: enter one under Limits.")
        return
    rows = [
        {
            "Cost of a unit at the floor": cost.name,
            "Amount": money(cost.amount) if cost.amount else "not known",
            "As of": cost.at.date().isoformat() if cost.at else NONE,
            "From": cost.note,
        }
        for cost in listing.floor_costs
    ]
    right = {"Amount": st.column_config.TextColumn(alignment="right")}
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=right)
    unknown = [cost.name for cost in listing.floor_costs if cost.amount is None]
    if unknown:
        st.caption(f"Not known, and so not counted: {', '.join(unknown)}. The true floor is not lower than this one.")


def limits_tab() -> None:
    rows = app().limits()
    if not rows:
        nothing(
            "No limits yet: they can be set as soon as listings are known, here or by `ecom limits set --csv FILE`."
        )
        return
    st.caption(
        "Amounts in the listing's currency, as decimal text. **Without a minimum no price is ever written.** "
        "Blank means not set. All rows are saved, or none. A cost in another currency is written with it: 5.00 EUR."
    )
    amount = functools.partial(st.column_config.TextColumn, alignment="right")
    edited = st.data_editor(
        limits_form.as_frame(rows),
        hide_index=True,
        disabled=list(limits_form.FIXED),
        key=f"limits-{st.session_state.get('limits_saved', 0)}",
        height="content" if len(rows) <= 20 else 640,
        placeholder="not set",
        column_config={**limits_form.FIXED, **{name: amount(label) for name, label in limits_form.EDITED.items()}},
    )
    new = limits_form.changed(rows, edited)
    with st.container(horizontal=True, vertical_alignment="center"):
        save = st.button("Save limits", type="primary", icon=":material/save:", disabled=not new)
        st.caption(f"{len(new)} row(s) changed: {', '.join(r.sku for r in new[:5])}" if new else "Nothing changed yet.")
    if save and attempt(f"{len(new)} limits saved.", lambda: app().set_limits(new, person())):
        st.session_state["limits_saved"] = st.session_state.get("limits_saved", 0) + 1
        st.rerun()


ADVICE = {"hold": theme.GRAY, "match": theme.BLUE, "leave": theme.ORANGE}


def war_table(wars: Sequence[WarView], now: datetime) -> pd.DataFrame:
    """What each answer loses a day, beside the one that is advised."""
    rows = []
    for war in wars:
        losses = {c.choice: f"{money(c.loss)} ({c.low.major:,} to {c.high.major:,})" for c in war.choices}
        rows.append(
            {
                "SKU": war.sku,
                "Account": war.account,
                "Began": ago(war.began, now),
                "Turns": war.turns,
                "Fallen": f"{war.fall:.1%}",
                "Before": money(war.peace),
                "Ours": money(war.our_price),
                "Rival's": money(war.rival_price),
                "Advice": [war.advice] if war.advice else [],
                "Why": war.reason,
                "Hold": losses.get("hold", NONE),
                "Match": losses.get("match", NONE),
                "Leave": losses.get("leave", NONE),
                "Elasticity": war.elasticity,
            }
        )
    return pd.DataFrame(rows)


def latest_wars() -> tuple[datetime, Sequence[WarView]]:
    """The price wars and when they were looked for: every moment of three days is read for it, so not at every draw."""
    now = app().clock.now()
    at, wars = st.session_state.get("wars", (None, ()))
    if at is None or not at <= now < at + WARS_KEPT or st.session_state.get("refresh-Pricing"):
        with st.spinner("Looking for price wars in the prices of three days …"):
            at, wars = now, app().wars()
        st.session_state["wars"] = at, wars
    return at, wars


def wars_tab() -> None:
    at, wars = latest_wars()
    minutes = WARS_KEPT // timedelta(minutes=1)
    st.caption(f"Looked for {ago(at, app().clock.now())}; anew after {minutes} minutes, or by Refresh.")
    if not wars:
        nothing("No price war. One is told when we and a rival undercut each other by turns and prices fall by 2 %.")
        return
    st.caption(
        "We and a rival undercut each other by turns. Under Hold, Match and Leave: the expected loss a day against the "
        "peace before, and the range within what is uncertain. Nothing is done by itself: a rule or a person decides."
    )
    right = {
        name: st.column_config.TextColumn(alignment="right")
        for name in ("Fallen", "Before", "Ours", "Rival's", "Hold", "Match", "Leave")
    }
    config = {**right, "Advice": chips(ADVICE), "Why": st.column_config.TextColumn(width="medium")}
    order = (
        "SKU", "Fallen", "Advice", "Hold", "Match", "Leave", "Ours", "Rival's", "Before", "Turns", "Began", "Why",
        "Elasticity", "Account",
    )  # fmt: skip
    st.dataframe(war_table(wars, app().clock.now()), hide_index=True, column_config=config, column_order=order)


@safely
def show() -> None:
    heading("Pricing", "What we ask, what rivals ask, who holds the Buy Box, and how far the machine may go.")
    first, second, third = st.tabs(["Listings", "Limits", "Price wars"])
    with first:
        safely(listings_tab)()
    with second:
        safely(limits_tab)()
    with third:
        safely(wars_tab)()


show()
