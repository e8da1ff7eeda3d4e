"""What is said to a buyer is a promise: a person answers for it, whatever the autonomy says and whoever wrote it.

And only while it is still an answer: not when the buyer has written something else meanwhile.
"""

from __future__ import annotations

from ecom_agent.actions.facts import GuardFacts
from ecom_agent.actions.gate import Guard
from ecom_agent.actions.guards._limits import Finding
from ecom_agent.actions.model import Action, Answer, Kind
from ecom_agent.records.messages import Reply


def _judge(action: Action, facts: GuardFacts) -> Finding:
    if action.kind is not Kind.MESSAGE_SEND:
        return Answer.ALLOW, "not a message"
    reply, newest = facts.reply, facts.newest_message
    if reply is None or newest is None:
        return Answer.DENY, "its text is not there, or cannot be read with this data key"
    refusal = _refusal(action, reply)
    if refusal is not None:
        return Answer.DENY, refusal
    overtaken = newest.message_id != reply.to.message_id
    if overtaken and newest.from_buyer:
        return Answer.DENY, "the buyer has written since: read that first, then answer it"
    return Answer.HOLD, "a person signs what is said to a buyer" + ("; we have written since" if overtaken else "")


def _refusal(action: Action, reply: Reply) -> str | None:
    to = reply.to
    if (to.account, to.marketplace, to.conversation_id) != (action.account, action.marketplace, action.target):
        return "the facts are of another conversation"
    if reply.said != action.after:
        return "its text is not the one that was wished"
    if (action.evidence.get("answers"), action.evidence.get("asked_at")) != (to.message_id, to.sent_at.isoformat()):
        return "the wish does not say which message it answers (evidence: answers, asked_at)"
    if not reply.text.strip():
        return "there is nothing in it"
    return None if to.from_buyer else "it would answer ourselves"


GUARD = Guard("promise", _judge)
