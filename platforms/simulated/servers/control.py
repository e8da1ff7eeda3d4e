"""/_sim: not a vendor's. State and truth to look at, time and faults to set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ecom_agent.errors import BadInput
from platforms.simulated import faults, truth
from platforms.simulated.channels import truth as channel_truth
from platforms.simulated.servers import listeners
from platforms.simulated.servers.base import Servers
from platforms.simulated.servers.shop import shop_of
from platforms.simulated.simulation import LOCKSTEP
from platforms.simulated.state import ADS, CHANNELS
from platforms.simulated.wire.text import read_moment


def routes(every: Sequence[Servers]) -> list[Route]:
    """`every` seller's servers, the first one's first. Time and faults are all sellers'; truth is asked for one."""
    servers = every[0]
    sim = servers.sim

    async def state(request: Request) -> Response:
        sim.follow()
        return _send(_state(every))

    async def tell(request: Request) -> Response:
        """?seller=2 asks for another seller than the first."""
        asked = request.query_params.get("seller", "1")
        if asked not in (str(one.seller) for one in every):
            return _send({"error": f"there is no seller {asked[:20]}"}, 404)
        whose = every[int(asked) - 1]
        whose.sim.follow()
        return _send(truth.tell(whose.sim.world, shop_of(whose)))

    async def advance(request: Request) -> Response:
        """{"to": ISO 8601}: in lockstep only, and only forward. "quiet": true = nothing happens meanwhile."""
        if sim.pace != LOCKSTEP:
            return _send({"error": "the world follows the real clock: start it with --pace lockstep to move it"}, 409)
        try:
            asked = orjson.loads(await request.body())
            to = read_moment(str(asked["to"]))
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            return _send({"error": 'wanted {"to": an ISO 8601 moment}'}, 400)
        if to < sim.world.now:
            return _send({"error": f"time does not run backwards: it is {sim.world.now.isoformat()}"}, 409)
        for one in every:
            if asked.get("quiet") is True:
                one.sim.do("skip", to=to.isoformat())
            else:
                one.sim.advance(to)
        return _send(_state(every))

    async def set_faults(request: Request) -> Response:
        """{"faults": "none" | "mild" | "all" | "name,name=0.5"} or {"chances": {name: chance}}."""
        try:
            asked = orjson.loads(await request.body())
            chances = asked["chances"] if "chances" in asked else faults.read(str(asked["faults"]))
            if not all(name in faults.NAMES and 0 <= float(chance) <= 1 for name, chance in chances.items()):
                raise BadInput("chances from 0 to 1 by name", repr(chances), f"use {', '.join(faults.NAMES)}")
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, BadInput) as e:
            return _send({"error": str(e)}, 400)
        for one in every:
            one.sim.do("faults", chances=chances)
        return _send(_state(every))

    async def open_channels(request: Request) -> Response:
        """{"open": ["ebay", "ads", …]}: our accounts there begin now, not with the first request to their servers."""
        try:
            wanted = list(orjson.loads(await request.body())["open"])
        except (orjson.JSONDecodeError, KeyError, TypeError):
            wanted = [None]
        known = (*CHANNELS, ADS)
        if not all(name in known for name in wanted):
            return _send({"error": f'wanted {{"open": a list of {", ".join(known)}}}'}, 400)
        for one in every:
            for name in wanted:
                _ = one.ads() if name == ADS else one.channel(name)
        return _send(_state(every))

    async def listen(request: Request) -> Response:
        """{"seller": 1, "channel": "tiktok", "url": …}: all webhooks of that account go there."""
        try:
            asked = orjson.loads(await request.body())
            whose, channel, url = every[int(asked["seller"]) - 1], str(asked["channel"]), str(asked["url"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, IndexError):
            return _send({"error": 'wanted {"seller": 1, "channel": a name, "url": an address}'}, 400)
        if channel not in listeners.NAMES:
            return _send({"error": f"channel: wanted one of {', '.join(listeners.NAMES)}"}, 400)
        listeners.listen(whose, channel, url)
        return _send(_state(every))

    async def hands(request: Request) -> Response:
        """{"listings": n}: every seller does something to so many of his listings in the platforms' own screens."""
        try:
            wanted = int(orjson.loads(await request.body())["listings"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            return _send({"error": 'wanted {"listings": a whole number}'}, 400)
        for one in every:
            one.sim.do("hands", listings=max(0, wanted))
        return _send(_state(every))

    async def part_warehouse(request: Request) -> Response:
        """From now on quantities that are set are what channels show, and no more what lies in the warehouse."""
        for one in every:
            one.sim.do("warehouse_apart")
        return _send(_state(every))

    return [
        Route("/listen", listen, methods=["POST"]),
        Route("/hands", hands, methods=["POST"]),
        Route("/warehouse", part_warehouse, methods=["POST"]),
        Route("/channels", open_channels, methods=["POST"]),
        Route("/state", state, methods=["GET"]),
        Route("/truth", tell, methods=["GET"]),
        Route("/advance", advance, methods=["POST"]),
        Route("/faults", set_faults, methods=["POST"]),
    ]


def _state(every: Sequence[Servers]) -> dict[str, Any]:
    servers, sim = every[0], every[0].sim
    return {
        "now": sim.now().isoformat(),
        "start": sim.world.start.isoformat(),
        "seed": sim.world.seed,
        "pace": sim.pace,
        "faults": sim.world.faults.chances,
        "calls": dict(sum((one.calls for one in every), Counter())),
        "webhooks_due": sum(listeners.due(one) for one in every),
        "contracts": servers.contracts is not None,
        "counts": truth.counts(sim.world),
        "channels": {name: channel_truth.counts(channel) for name, channel in sim.world.channels.items()},
    }


def _send(content: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")
