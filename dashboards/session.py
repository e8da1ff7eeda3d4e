"""Who looks, and at what: the App and the person behind the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecom_agent.wiring import App


def app() -> App:
    """The process-wide App; built on the first call, so a wrong setting is told on the screen, not at start."""
    from ecom_agent import wiring

    return wiring.app()


def person() -> str:
    """The name every decision is recorded under.

    One trusted person for now, named by the setting ECOM_PERSON; sign-in and roles take its place later.
    """
    return app().person
