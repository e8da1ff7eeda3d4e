"""Start the console: `python -m dashboards --port 8501`. Any other argument is handed on to Streamlit."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from dashboards.theme import OPTIONS

MAIN = Path(__file__).with_name("main.py")


def command(host: str, port: int, more: list[str]) -> list[str]:
    """The Streamlit command line of the console."""
    flags = [f"--{name}={value}" for name, value in OPTIONS.items()]
    place = [f"--server.address={host}", f"--server.port={port}"]
    return [sys.executable, "-m", "streamlit", "run", str(MAIN), *flags, *place, *more]


def main() -> None:
    """Become Streamlit: the same process, so a supervisor watches and stops the server itself."""
    parser = argparse.ArgumentParser(prog="python -m dashboards", description="The console of ecom-agent.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=8501)
    known, more = parser.parse_known_args()
    line = command(known.host, known.port, more)
    os.execv(line[0], line)


if __name__ == "__main__":
    main()
