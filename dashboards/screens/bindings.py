"""Which listing sells which product of ours: suggestions to accept or reject, binding by hand, and what is bound."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboards.parts import NONE, ago, attempt, heading, nothing, plain, read_lately, safely
from dashboards.session import app, person
from ecom_agent.records.bindings import Binding, Place, Review, Suggestion
from ecom_agent.records.catalog import Listing

SHOWN = 20
SURE = "A GTIN or a seller SKU says so, and nothing contradicts."


def place(listing: Listing) -> Place:
    return listing.account, listing.marketplace, listing.sku


def review() -> None:
    """Listings that are like others, the likeliest first."""
    found = [one for one in app().binding_board().reviews if one.suggestions]
    if not found:
        nothing("Nothing to review: no listing is like another one that it is not bound with already.")
        return
    sure = sum(one.sure is not None for one in found)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"**{len(found)}** listings may belong to a product of ours, **{sure}** of them without a doubt")
        pressed = st.button("Accept all sure ones", icon=":material/done_all:", disabled=not sure, help=SURE)
    if pressed and attempt(lambda many: f"{many} listings bound.", lambda: app().accept_sure_bindings(person())):
        st.rerun()
    for one in found[:SHOWN]:
        card(one)
    if len(found) > SHOWN:
        st.caption(f"{len(found) - SHOWN} more come up when these are decided.")


def card(one: Review) -> None:
    listing = one.listing
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{plain(listing.title or listing.sku)}**")
        facts = (listing.account, listing.marketplace, listing.sku, listing.external_id, f"GTIN {listing.gtin or NONE}")
        st.caption(" · ".join(plain(str(fact)) for fact in (*facts, listing.brand) if fact))
        for suggestion in one.suggestions:
            choice(suggestion)


def choice(suggestion: Suggestion) -> None:
    key = "-".join((*suggestion.place, suggestion.our_sku))
    color, word = ("orange", "choose") if suggestion.ambiguous else ("green", "sure")
    with st.container(horizontal=True, vertical_alignment="center"):
        told = f":{color}-badge[{word} {suggestion.score:.0%}] → **{plain(suggestion.our_sku)}**"
        st.markdown(f"{told} :gray[{plain(suggestion.reason)}]", width="stretch")
        yes = st.button("Accept", icon=":material/link:", key=f"yes-{key}")
        no = st.button("Reject", icon=":material/link_off:", key=f"no-{key}")
    where, ours = suggestion.place, suggestion.our_sku
    why = suggestion.reason
    if yes and attempt(f"{where[2]} is bound to {ours}.", lambda: app().bind(*where, ours, person(), why)):
        st.rerun()
    if no and attempt(f"{ours} is not suggested again.", lambda: app().reject_binding(*where, ours, person())):
        st.rerun()


def by_hand() -> None:
    open_ = [one.listing for one in app().binding_board().reviews]
    if not open_:
        nothing("Every listing is bound.")
        return
    with st.form("bind-by-hand", border=True), st.container(horizontal=True, vertical_alignment="bottom"):
        listing = st.selectbox("Listing", open_, format_func=lambda x: " / ".join((*place(x), x.title[:60])))
        ours = st.text_input("Our SKU", placeholder="The product in our house")
        pressed = st.form_submit_button("Bind", icon=":material/link:")
    if pressed and listing is not None:
        said = f"{listing.sku} is bound to {ours}."
        if attempt(said, lambda: app().bind(*place(listing), ours, person())):
            st.rerun()


def bound() -> None:
    found = app().binding_board().bound
    if not found:
        nothing("Nothing is bound yet.")
        return
    now = app().clock.now()
    rows = [
        {
            "Our SKU": b.our_sku,
            "Account": b.account,
            "Marketplace": b.marketplace,
            "Seller SKU": b.sku,
            "Why": b.why,
            "By": b.by,
            "When": ago(b.at, now),
        }
        for b in found
    ]
    table = pd.DataFrame(rows)
    chosen = st.dataframe(table, hide_index=True, on_select="rerun", selection_mode="multi-row", key="bound-rows")
    picked = [found[at] for at in chosen["selection"]["rows"] if at < len(found)]
    with st.container(horizontal=True):
        drop = st.button("Unbind the chosen ones", icon=":material/link_off:", disabled=not picked)
        csv = table[["Account", "Marketplace", "Seller SKU", "Our SKU"]].set_axis(
            ["account", "marketplace", "sku", "our_sku"], axis=1
        )
        st.download_button(
            "CSV", csv.to_csv(index=False), "bindings.csv", "text/csv", icon=":material/download:", on_click="ignore"
        )
    if drop and attempt(f"{len(picked)} listings are free again.", lambda: unbind(picked)):
        st.rerun()


def unbind(picked: Sequence[Binding]) -> None:
    for one in picked:
        app().unbind(*one.place, person())


@safely
def show() -> None:
    heading("Bindings", "Which listing sells which product of ours. Listings of one product share its stock.")
    read_lately("listings")
    first, second, third = st.tabs(["To review", "By hand", "Bound"])
    with first:
        safely(review)()
    with second:
        safely(by_hand)()
    with third:
        safely(bound)()


show()
