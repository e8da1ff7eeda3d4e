"""The API's application: `uvicorn --factory ecom_agent.api.main:create`."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from ecom_agent.api import chats, health, metrics, webhooks
from ecom_agent.api.health import version
from ecom_agent.errors import EcomError
from ecom_agent.telemetry import log, set_up

_log = log("api")


def create() -> FastAPI:
    """A fresh application. The App behind it is built on the first request that needs it."""
    set_up(os.environ.get("ECOM_LOG_LEVEL", "INFO"))
    api = FastAPI(title="ecom-agent", version=version(), docs_url=None, redoc_url=None)
    for part in (health, metrics, webhooks, chats):
        api.include_router(part.router)
    api.add_exception_handler(EcomError, unavailable)
    api.middleware("http")(last_resort)
    return api


def unavailable(request: Request, error: Exception) -> Response:
    """A deliberate error nobody answered: our side cannot now, the caller may come again."""
    _log.warning("request could not be answered", route=_route(request), error=type(error).__name__)
    return JSONResponse({"error": "not available now"}, 503, headers={"Retry-After": "30"})


async def last_resort(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
    """The outermost run: a bug becomes a plain 500; neither body nor headers are logged or sent back."""
    try:
        return await proceed(request)
    except Exception as e:  # noqa: BLE001
        _log.error("unexpected error", route=_route(request), error=type(e).__name__)
        return JSONResponse({"error": "internal error"}, 500)


def _route(request: Request) -> str:
    """The route's pattern: never the path as sent, which is text from outside."""
    return str(getattr(request.scope.get("route"), "path", "unknown"))
