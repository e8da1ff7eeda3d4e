"""python -m platforms.simulated.queue_alone: the market's SQS endpoint without the market, for load.

The same server module over a queue that lives in memory only: no journal, no world that ticks. What it says over HTTP
is the same.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import orjson
import uvicorn
from starlette.applications import Starlette

from ecom_agent.telemetry import set_up
from platforms.simulated.commands import COMMANDS
from platforms.simulated.dice import Dice
from platforms.simulated.queue import Queue
from platforms.simulated.servers import sqs
from platforms.simulated.servers.base import Servers
from platforms.simulated.simulation import REAL
from platforms.simulated.sockets import listen


class QueueAlone:
    """As much of a Simulation as the queue's server asks for."""

    pace = REAL

    def __init__(self, seed: int) -> None:
        self.world: Any = SimpleNamespace(queue=Queue(), dice=Dice(seed), now=self.now())

    def now(self) -> datetime:
        return datetime.now(UTC)

    def follow(self) -> None:
        self.world.now = self.now()

    def do(self, command: str, **args: Any) -> Any:
        return COMMANDS[command](self.world, **args)


def main() -> int:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m platforms.simulated.queue_alone", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 = any free port")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    set_up()
    listening = listen("127.0.0.1", given.port)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    servers = SimpleNamespace(sim=QueueAlone(given.seed), base_url=lambda: url, mine=str)  # one seller: his own keys
    app = Starlette(routes=sqs.routes(cast("Servers", servers)))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off"))
    sys.stdout.write(orjson.dumps({"url": url, "ready": True}).decode() + "\n")
    sys.stdout.flush()
    server.run(sockets=[listening])
    return 0


if __name__ == "__main__":
    sys.exit(main())
