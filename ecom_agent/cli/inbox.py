"""`ecom inbox`: what buyers wrote, and a person's wish to answer. Nothing is sent before a person approves it."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated, Any

import typer

from ecom_agent.cli import output
from ecom_agent.cli.actions import tell
from ecom_agent.cli.shell import By, Json, app, person
from ecom_agent.errors import BadInput
from ecom_agent.records.inbox import ConversationView

commands = typer.Typer(no_args_is_help=True, help="What buyers wrote: list, show, reply.")
Account = Annotated[str, typer.Argument(help="The account's name.")]
Conversation = Annotated[str, typer.Argument(help="The conversation, as `ecom inbox list` shows it.")]


@commands.command("list")
def list_(
    days: Annotated[int, typer.Option(min=1, help="In which something was said within so many days.")] = 30,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, newest first.")] = 50,
    as_json: Json = False,
) -> None:
    """List conversations, newest first."""
    found = app().inbox(days=days, limit=limit)
    if as_json:
        output.json({"conversations": [_told(one) for one in found]})
        return
    rows = [
        (c.newest.account, c.newest.conversation_id, c.newest.sent_at, "yes" if c.waits else "no", c.newest.text)
        for c in found
    ]
    columns = ["Account", "Conversation", "When (UTC)", "Waits", "Newest message"]
    output.table(columns, rows, empty="No buyer wrote lately.")


@commands.command()
def show(account: Account, conversation: Conversation, as_json: Json = False) -> None:
    """Show one conversation and the answers that wait."""
    found = app().conversation(account, conversation)
    replies = [{**asdict(one.action), "text": one.text} for one in found.replies]
    if as_json:
        messages = [asdict(one) for one in found.messages]
        output.json({**_told(found.view), "messages": messages, "replies": replies})
        return
    rows = [("buyer" if m.from_buyer else "we", m.sent_at, m.text) for m in found.messages]
    output.table(["Who", "When (UTC)", "Text"], rows, empty="Nothing was said.")
    waiting = [(one["key"][:10], one["state"], one["proposed_by"], one["text"]) for one in replies]
    output.table(["Action", "State", "By", "Our answer"], waiting, empty="No answer waits.")


@commands.command()
def reply(
    account: Account,
    conversation: Conversation,
    text: Annotated[str | None, typer.Argument(help="What to say. Left out: it is read from standard input.")] = None,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Wish to answer the buyer's newest message. It waits for `ecom actions approve`."""
    if text is None and sys.stdin.isatty():
        raise BadInput("a text", "none", "give it as the last argument, or send it through standard input")
    tell(app().reply(account, conversation, sys.stdin.read() if text is None else text, person(by)), as_json)


def _told(one: ConversationView) -> dict[str, Any]:
    return {"platform": one.platform, "waits": one.waits, "longest": one.longest, "newest": asdict(one.newest)}
