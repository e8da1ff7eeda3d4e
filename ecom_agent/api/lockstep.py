"""python -m ecom_agent.api.lockstep: the API in the time of a simulated market that somebody else lets pass.

It is the API of `ecom up` in all else: the same application on the same settings. Evaluations that live through days
within minutes have webhooks brought to it.
"""

from __future__ import annotations

import argparse
import sys

import uvicorn

from ecom_agent import wiring
from ecom_agent.api.main import create
from ecom_agent.runtime.market import MarketClock, MarketControl


def main() -> int:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m ecom_agent.api.lockstep", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--market", required=True, help="its address")
    given = parser.parse_args()
    wiring.keep_time(MarketClock(MarketControl(given.market)))
    server = uvicorn.Server(
        uvicorn.Config(create(), host="127.0.0.1", port=given.port, log_level="warning", access_log=False)
    )
    server.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
