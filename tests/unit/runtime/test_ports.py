"""A port that somebody holds is passed over; so is one at rest, where the program behind it is particular."""

from __future__ import annotations

import socket

import pytest

from ecom_agent.errors import ConfigError
from ecom_agent.runtime.ports import free_port


@pytest.fixture
def port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_free_port_is_taken_as_it_is(port: int) -> None:
    assert free_port(port) == port


def test_a_held_port_is_passed_over(port: int) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", port))
        holder.listen()
        assert free_port(port) > port
        with pytest.raises(ConfigError, match="taken"):
            free_port(port, tries=1)


def test_a_port_at_rest_is_free_for_most_and_not_for_the_particular(port: int) -> None:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", port))
        server.listen()
        client = socket.create_connection(("127.0.0.1", port))
        accepted, _address = server.accept()
    accepted.close()  # the server's side closes first: its port now rests
    client.recv(1)
    client.close()
    assert free_port(port) == port
    assert free_port(port, rested=True) > port
