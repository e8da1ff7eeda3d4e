"""What buyers wrote, newest first, and a form to wish for an answer. Their words are shown as they are, never read."""

from __future__ import annotations

import streamlit as st

from dashboards.parts import NONE, STATE_COLOR, ago, attempt, heading, nothing, plain, read_lately, safely
from dashboards.session import app, person
from ecom_agent.records.inbox import Conversation, ConversationView, ReplyView
from ecom_agent.records.messages import Message
from ecom_agent.records.views import ActionView

LISTED = 200
HEIGHT_PX = 640
GONE = "Its words are not there: they were forgotten or too old, or do not open with this data key."
Key = tuple[str, str]


def key(view: ConversationView) -> Key:
    return view.newest.account, view.newest.conversation_id


def conversations() -> None:
    """The list on the left; the chosen one is kept over reruns."""
    found = app().inbox(limit=LISTED)
    waiting = sum(view.waits for view in found)
    read_lately("messages")
    if not found:
        nothing("Nothing here yet. Messages come from eBay, TikTok Shop and mailboxes; for others see the Sync screen.")
        return
    st.markdown(f"**{waiting}** of {len(found)} conversations wait for an answer")
    left, right = st.columns([2, 3], gap="medium")
    with left:
        only = st.toggle("Only those that wait", value=bool(waiting), key="inbox-waits")
        shown = [view for view in found if view.waits or not only]
        with st.container(height=HEIGHT_PX, border=False):
            for view in shown:
                entry(view)
    chosen: Key | None = st.session_state.get("inbox-chosen") or (key(shown[0]) if shown else None)
    with right:
        if chosen is None:
            nothing("Choose a conversation.")
        else:
            safely(thread)(chosen)


def entry(view: ConversationView) -> None:
    newest = view.newest
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            if view.waits:
                st.badge("waits", color="orange", icon=":material/hourglass_top:")
            else:
                st.badge("answered", color="green", icon=":material/check:")
            when = ago(newest.sent_at, app().clock.now())
            st.markdown(f"{plain(newest.account)} :gray[{when}]", width="stretch")
            if st.button("Open", key=f"open-{newest.account}-{newest.conversation_id}"):
                st.session_state["inbox-chosen"] = key(view)
        st.text(snippet(newest.text))


def snippet(text: str, most: int = 90) -> str:
    """The beginning, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def thread(chosen: Key) -> None:
    found = app().conversation(*chosen)
    view = found.view
    about = ", ".join(
        f"{name} {plain(value)}"
        for name, value in (("order", view.newest.order_id), ("listing", view.newest.listing_id))
        if value
    )
    st.subheader(f"Conversation {plain(chosen[1])}", anchor=False)
    st.caption(f"{plain(view.platform)} · {plain(chosen[0])} · {about or 'about no order or listing'}")
    with st.container(height=HEIGHT_PX - 260):
        for message in found.messages:
            said(message)
    for reply in found.replies:
        waiting(reply)
    answer(found)


def said(message: Message) -> None:
    with st.chat_message("user" if message.from_buyer else "assistant"):
        who = "Buyer" if message.from_buyer else "We"
        st.caption(f"{who}, {ago(message.sent_at, app().clock.now())}")
        st.text(message.text or NONE)


def waiting(reply: ReplyView) -> None:
    """An answer on its way: whoever approves reads the words first."""
    action = reply.action
    color = STATE_COLOR.get(action.state, "blue")
    with st.container(border=True):
        st.markdown(f":{color}-badge[{action.state}] Answer by {plain(action.proposed_by)} · `{action.key[:10]}`")
        if reply.text is None:
            st.warning(GONE, icon=":material/key_off:")
        else:
            st.text(reply.text)
        if action.state != "held":
            return
        with st.container(horizontal=True):
            yes = st.button("Approve and send", type="primary", icon=":material/send:", key=f"yes-{action.key}")
            no = st.button("Discard", icon=":material/delete:", key=f"no-{action.key}")
    if yes and attempt(outcome, lambda: app().approve(action.key, person())):
        st.rerun()
    if no and attempt(outcome, lambda: app().deny(action.key, person(), "discarded in the inbox")):
        st.rerun()


def outcome(action: ActionView) -> str:
    told = (
        [reason for _guard, answer, reason in action.verdicts if answer == "deny"] if action.state == "denied" else []
    )
    return f"The answer is {action.state}{': ' if told else ''}{plain('; '.join(told))}."


def answer(found: Conversation) -> None:
    newest, longest = found.view.newest, found.view.longest
    if longest is None:
        st.caption("This platform takes no answers from here: answer there.")
        return
    name = f"answer-{newest.account}-{newest.conversation_id}"
    with st.form(name):
        words = st.text_area(
            "Answer",
            max_chars=longest,
            placeholder="What to say. Nothing is sent before a person approves it.",
            key=f"{name}-{len(found.replies)}",  # a new one is empty; one that was refused keeps its words
        )
        wished = st.form_submit_button("Hold for approval", icon=":material/front_hand:")
    if wished and attempt(outcome, lambda: app().reply(newest.account, newest.conversation_id, words or "", person())):
        st.rerun()


@safely
def show() -> None:
    heading("Inbox", "What buyers wrote. An answer is sent once, after a person has approved its words.")
    conversations()


show()
