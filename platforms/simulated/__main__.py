"""python -m platforms.simulated: the simulated marketplaces in one process, on one port."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson
import uvicorn

from ecom_agent.errors import ConfigError, EcomError
from ecom_agent.telemetry import set_up
from platforms.simulated import faults
from platforms.simulated.sellers import FIRST
from platforms.simulated.servers.app import build
from platforms.simulated.servers.base import official_contracts
from platforms.simulated.simulation import LOCKSTEP, REAL, Simulation
from platforms.simulated.sockets import listen
from platforms.simulated.wire.text import read_moment


def _arguments(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m platforms.simulated", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 = any free port")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--data-dir", type=Path, required=True, help="journal and snapshot live here")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--start", help="the world's first moment, ISO 8601; a world that exists keeps its own")
    parser.add_argument("--pace", choices=(LOCKSTEP, REAL), default=LOCKSTEP)
    parser.add_argument("--faults", help=f"none, mild, all, or names with chances: {', '.join(faults.NAMES)}")
    parser.add_argument("--sellers", type=int, default=1, choices=range(1, 10), help="each with an account everywhere")
    parser.add_argument("--products", type=int, help="how many each seller sells; left out = the demo's forty")
    return parser.parse_args(given)


def _start(text: str | None) -> datetime:
    """The given moment, or the last whole minute."""
    try:
        at = read_moment(text) if text else datetime.now(UTC)
    except ValueError:
        raise ConfigError(f"--start wants an ISO 8601 moment; found {text!r}") from None
    return at.replace(second=0, microsecond=0)


def _open(arguments: argparse.Namespace, start: datetime) -> list[Simulation]:
    """The sellers' worlds, the first one's in the data folder itself; further ones have seeds of their own."""
    return [
        Simulation(
            arguments.data_dir if seller == FIRST else arguments.data_dir / f"seller-{seller}",
            seed=arguments.seed + 1000 * (seller - FIRST),
            start=start,
            pace=arguments.pace,
            seller=seller,
            products=arguments.products,
        )
        for seller in range(FIRST, FIRST + arguments.sellers)
    ]


class _Server(uvicorn.Server):
    """Leaves signals to us: uvicorn's own way ends the process before the world is saved."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve(server: uvicorn.Server, listening: socket.socket, url: str) -> None:
    def stop() -> None:
        server.should_exit = True

    for wanted in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(wanted, stop)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    if server.started:
        sys.stdout.write(orjson.dumps({"url": url, "ready": True}).decode() + "\n")
        sys.stdout.flush()
    await serving


def main(given: list[str] | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C; 2 when it cannot start, with the reason on stderr."""
    arguments = _arguments(given)
    set_up()
    try:
        chances = faults.read(arguments.faults) if arguments.faults is not None else None
        start = _start(arguments.start)
        listening = listen(arguments.host, arguments.port)
        sims = _open(arguments, start)
    except EcomError as e:
        sys.stderr.write(f"simulated market: {e}\n")
        return 2
    for sim in sims:
        if chances is not None and chances != sim.world.faults.chances:
            sim.do("faults", chances=chances)
    url = f"http://{arguments.host}:{listening.getsockname()[1]}"
    app = build(sims[0], base_url=lambda: url, contracts=official_contracts(), further=sims[1:])
    server = _Server(
        uvicorn.Config(app, log_level="warning", access_log=False, lifespan="on", timeout_graceful_shutdown=3)
    )
    try:
        asyncio.run(_serve(server, listening, url))
    finally:
        for sim in sims:
            sim.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
