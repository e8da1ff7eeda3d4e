"""Where the simulator's processes listen."""

from __future__ import annotations

import socket

from ecom_agent.errors import ConfigError


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ConfigError where it cannot be had."""
    # the protocol is named, else asyncio does not switch Nagle off: 40 ms an answer
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError as e:
        listening.close()
        raise ConfigError(
            f"cannot listen on {host}:{port}: {e.strerror}; choose another --port or stop what uses it"
        ) from e
    return listening
