"""GET /health: is the product able to work? For load balancers, supervisors and people with curl."""

from __future__ import annotations

from datetime import datetime
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from ecom_agent.errors import EcomError
from ecom_agent.records.views import Health

router = APIRouter()


def version() -> str:
    """Of the installed package; "0" in a bare checkout."""
    try:
        return installed("ecom-agent")
    except PackageNotFoundError:
        return "0"


def lag_s(at: datetime | None, now: datetime) -> float | None:
    """Seconds since a stream was last pulled well; None = never."""
    return None if at is None else max(0.0, (now - at).total_seconds())


@router.get("/health")
def health() -> JSONResponse:
    """200 while the database answers, else 503. A halt is a decision, not an illness: listed, still 200."""
    from ecom_agent.wiring import app

    try:
        seen = app().health()
    except EcomError as e:
        told = {"status": "unavailable", "version": version(), "database": "unavailable", "error": str(e)}
        return JSONResponse(told, 503)
    return JSONResponse({"status": "ok", **described(seen)})


def described(seen: Health) -> dict[str, Any]:
    return {
        "version": version(),
        "mode": seen.mode,
        "at": seen.at.isoformat(),
        "database": "ok",  # it has just answered; its address is nobody's business here
        "streams": [
            {
                "account": s.account,
                "stream": s.stream,
                "lag_s": lag_s(s.last_ok_at, seen.at),
                "every_minutes": s.every_minutes,
                "failing": s.last_error is not None,
            }
            for s in seen.streams
        ],
        "halts": [{"scope": h.scope, "reason": h.reason, "since": h.since.isoformat()} for h in seen.halts],
        "paused_accounts": [account for account, _ in seen.paused_accounts],
        "processes": [{"name": p.name, "state": p.state, "restarts": p.restarts} for p in seen.processes],
    }
