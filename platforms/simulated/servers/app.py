"""All servers as one ASGI application: one port, a path prefix per vendor."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp

from ecom_agent.telemetry import log
from platforms.simulated.contracts import Contracts
from platforms.simulated.servers import ads, control, courier, ebay, lwa, shop, sp, sqs, tiktok, walmart
from platforms.simulated.servers.base import Servers
from platforms.simulated.servers.front import Front
from platforms.simulated.servers.shop import deliver
from platforms.simulated.servers.tiktok import auth as tiktok_auth
from platforms.simulated.simulation import REAL, Simulation

_log = log("simulated")


def build(
    sim: Simulation,
    *,
    base_url: Callable[[], str] = lambda: "http://simulated",
    contracts: Contracts | None = None,
    further: Sequence[Simulation] = (),
) -> ASGIApp:
    """The application over one simulation, or over one for each seller. They are the caller's to close."""
    every = [Servers(one, base_url, contracts) for one in (sim, *further)]
    apps = [_one(servers) for servers in every]

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(run(servers)) for servers in every for run in (deliver.run, courier.run)]
        tasks += [asyncio.create_task(_follow(one.sim)) for one in every if one.sim.pace == REAL]
        yield
        for task in tasks:
            task.cancel()

    front = Mount("/", app=apps[0] if len(apps) == 1 else Front(apps))
    parts: list[BaseRoute] = [Mount("/_sim", routes=control.routes(every)), front]
    return Starlette(routes=parts, lifespan=lifespan, exception_handlers={OSError: _cannot_write})


def _one(servers: Servers) -> ASGIApp:
    """All vendors' servers for one seller."""
    parts: list[BaseRoute] = [
        Mount("/lwa", routes=lwa.routes(servers)),
        Mount("/sp-api", routes=sp.routes(servers)),
        Mount("/ads", routes=ads.routes(servers)),
        *sqs.routes(servers),
        Mount("/shopify", routes=shop.routes(servers)),
        Mount("/tiktok-auth", routes=tiktok_auth.routes(servers)),
        Mount("/tiktok", routes=tiktok.routes(servers)),
        Mount("/ebay", routes=ebay.routes(servers)),
        Mount("/walmart", routes=walmart.routes(servers)),
    ]
    return Starlette(routes=parts, exception_handlers={OSError: _cannot_write})


async def _cannot_write(request: Request, error: Exception) -> Response:
    """The journal cannot be written: nothing was done, and the answer says so."""
    return JSONResponse({"error": f"the simulator cannot write its journal: {error}"}, status_code=500)


async def _follow(sim: Simulation) -> None:
    """In real pace the world lives on while nobody asks."""
    while True:
        try:
            sim.follow()
        except OSError as e:
            _log.error("journal cannot be written", reason=str(e))
        await asyncio.sleep(1.0)
