"""Free TCP ports on this machine."""

from __future__ import annotations

import socket

from ecom_agent.errors import ConfigError


def free_port(wanted: int, host: str = "127.0.0.1", *, rested: bool = False, tries: int = 50) -> int:
    """`wanted`, or the next port that nothing listens on.

    `rested`: connections of a server that just ended count too, for programs that refuse such a port (Prefect's).
    """
    for port in range(wanted, wanted + tries):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(not rested))
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise ConfigError(f"wanted a free port from {wanted} up; the next {tries} are taken; stop something or set another")
