"""POST /chat/{service}: what DingTalk, Feishu and WeCom tell us, by the same door as webhooks. GET is WeCom's question.

What people say there is kept and counted, and nothing is done about it.
"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response
from prometheus_client import Counter
from starlette.concurrency import run_in_threadpool

from ecom_agent.api import door
from ecom_agent.errors import EcomError

CALLS: Final = Counter("ecom_chat_calls_total", "Calls of work chats by what became of them", ["outcome"])
UNKNOWN: Final = "unknown_chat"
router = APIRouter()


@router.post("/chat/{service}")
async def receive(service: str, request: Request) -> Response:
    """200 without a word, or with a challenge's answer · 400, 401, 413 and 503 as for webhooks · 404 not set up."""
    raw = await door.body(request)
    if raw is None:
        return door.answered(CALLS, "too_big", 413)
    return await run_in_threadpool(keep, service, door.headers(request), dict(request.query_params), raw)


def keep(service: str, headers: dict[str, str], query: dict[str, str], raw: bytes) -> Response:
    """An accepted call has an empty answer: the chats would take words for a reply to whoever wrote."""
    from ecom_agent.wiring import app

    try:
        outcome, answer = app().receive_chat(service, headers, query, raw)
    except EcomError as error:
        return door.refused(CALLS, error, UNKNOWN)
    CALLS.labels(outcome).inc()
    return Response(status_code=200) if answer is None else Response(answer, media_type="application/json")


@router.get("/chat/{service}")
def confirm(service: str, request: Request) -> Response:
    """200 with the decrypted text as it is · 400 · 401 · 404 · 503."""
    from ecom_agent.wiring import app

    try:
        answer = app().confirm_chat(service, dict(request.query_params))
    except EcomError as error:
        return door.refused(CALLS, error, UNKNOWN)
    CALLS.labels("challenge").inc()
    return Response(answer, media_type="text/plain")
