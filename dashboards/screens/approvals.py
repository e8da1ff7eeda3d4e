"""Changes that wait for a person: what, why, which guard held them. A person approves or denies each."""

from __future__ import annotations

import streamlit as st

from dashboards.parts import ago, attempt, heading, nothing, plain, safely, verdicts
from dashboards.session import app, person
from ecom_agent.records.views import ActionView

A_PAGE = 20
LEVELS = ("off", "suggest", "supervised", "auto")


def card(action: ActionView) -> None:
    with st.container(border=True):
        left, right = st.columns([3, 2])
        with left:
            place = f"{plain(action.account)} :gray[{plain(action.marketplace)}]"
            st.markdown(f"**{plain(action.target)}** · {action.kind} on {place}")
            st.markdown(f"### {action.before or 'unknown'} → {action.after}")
            st.markdown(plain(action.reason))
            held = f"held by **{action.held_by}**" if action.held_by else "held"
            when = ago(action.slot, app().clock.now())
            st.caption(f"{held} · proposed by {action.proposed_by} {when} · {action.mode} · `{action.key[:10]}`")
        with right:
            verdicts(action)
        decide(action)


def outcome(action: ActionView) -> str:
    """What came of an answer: big changes wait for a second person and stay held."""
    return f"{action.target} is {action.state}."


def decide(action: ActionView) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        note = st.text_input(
            "Note",
            key=f"note-{action.key}",
            placeholder="Why not? Needed to deny, kept in the audit",
            label_visibility="collapsed",
        )
        approve = st.button("Approve", type="primary", icon=":material/check:", key=f"approve-{action.key}")
        deny = st.button("Deny", icon=":material/close:", key=f"deny-{action.key}")
    if approve and attempt(outcome, lambda: app().approve(action.key, person())):
        st.rerun()
    if deny and not note.strip():
        st.warning("Say in the note why it is denied: the next person will ask.", icon=":material/edit_note:")
    elif deny and attempt(outcome, lambda: app().deny(action.key, person(), note.strip())):
        st.rerun()


def autonomy() -> None:
    st.caption(
        "off: proposes nothing · suggest: every change waits here · supervised: small ones go alone · "
        "auto: all go alone. Guards and limits hold at every level."
    )
    now = app().autonomy()
    if now:
        st.dataframe(
            [{"Automation": name, "Level": level} for name, level in now.items()], hide_index=True, width="content"
        )
    with st.form("autonomy", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        which = st.selectbox("Automation", [a.name for a in app().automations()])
        account = st.selectbox("Account", [name for name, _, _ in app().accounts()])
        level = st.selectbox("Level", LEVELS, index=1)
        change = st.form_submit_button("Change level", icon=":material/tune:")
    if (
        change
        and which
        and account
        and attempt(f"{which} on {account}: {level}.", lambda: app().set_autonomy(which, account, level, person()))
    ):
        st.rerun()


@safely
def show() -> None:
    heading("Approvals", "Changes that wait for a person. Nothing here is sent until you say so.")
    pending = app().pending()
    if not pending:
        nothing("Nothing waits for you. Changes come here when a guard holds them or an automation is set to suggest.")
    else:
        st.markdown(f"**{len(pending)}** waiting")
    pages = -(-len(pending) // A_PAGE)
    page = st.pagination(pages, key="page") if pages > 1 else 1
    for action in pending[(page - 1) * A_PAGE : page * A_PAGE]:
        card(action)
    with st.expander("How far automations may go alone", icon=":material/tune:"):
        safely(autonomy)()


show()
