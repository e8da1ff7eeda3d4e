"""Changes that wait for a person: what, why, which guard held them. A person approves or denies each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from dashboards.parts import ago, attempt, heading, nothing, plain, safely, verdicts
from dashboards.session import app, person
from ecom_agent.records.views import ActionView

A_PAGE = 20
GONE: Final = "Its words are not there: they were forgotten or too old, or do not open with this data key."
LEVELS: Final = {
    "off": "nothing of it is done",
    "suggest": "every change waits here for a person",
    "supervised": "small changes go alone, bigger ones wait here",
    "auto": "what the guards allow goes alone",
}


def card(action: ActionView) -> None:
    with st.container(border=True):
        left, right = st.columns([3, 2])
        with left:
            place = f"{plain(action.account)} :gray[{plain(action.marketplace)}]"
            st.markdown(f"**{plain(action.target)}** · {action.kind} on {place}")
            st.markdown(f"### {action.before or 'unknown'} → {action.after}")
            st.markdown(plain(action.reason))
            if action.kind == "message.send":
                st.text(app().reply_text(action.key) or GONE)
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
            placeholder="Why, or why not? Needed to deny, kept in the audit",
            label_visibility="collapsed",
        )
        approve = st.button("Approve", type="primary", icon=":material/check:", key=f"approve-{action.key}")
        deny = st.button("Deny", icon=":material/close:", key=f"deny-{action.key}")
    if approve and attempt(outcome, lambda: app().approve(action.key, person(), note.strip())):
        st.rerun()
    if deny and not note.strip():
        st.warning("Say in the note why it is denied: the next person will ask.", icon=":material/edit_note:")
    elif deny and attempt(outcome, lambda: app().deny(action.key, person(), note.strip())):
        st.rerun()


def autonomy() -> None:
    """One choice per automation and account; only what was changed is saved, each by a call of its own."""
    st.caption("  \n".join(f"**{level}**: {meaning}" for level, meaning in LEVELS.items()))
    st.caption("Guards and limits hold at every level.")
    now = app().autonomy()
    if not now:
        nothing("No automation runs on any account yet.")
        return
    with st.form("autonomy", border=False):
        chosen = {name: choice(name, level) for name, level in now.items()}
        save = st.form_submit_button("Save", icon=":material/tune:")
    changed = {name: level for name, level in chosen.items() if level != now[name]}
    if save and changed and attempt(f"{len(changed)} saved.", lambda: put(changed)):
        st.rerun()


def choice(name: str, level: str) -> str:
    automation, _, account = name.partition("@")
    # the level is part of the key: a form does not keep showing what somebody else has changed meanwhile
    key = f"autonomy-{name}-{level}"
    return st.selectbox(f"{automation} on {account}", list(LEVELS), index=list(LEVELS).index(level), key=key)


def put(levels: Mapping[str, str]) -> None:
    for name, level in levels.items():
        automation, _, account = name.partition("@")
        app().set_autonomy(automation, account, level, person())


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
    with st.expander("How far each automation may go alone", icon=":material/tune:"):
        safely(autonomy)()


show()
