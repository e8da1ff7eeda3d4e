"""The vault within a unit of work: payloads, webhooks and what is known of buyers are sealed before they are stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from ecom_agent.errors import ConfigError
from ecom_agent.security.vault import HEAD, Vault

_INFO: Final = "sealer"
_ANY_SEALED: Final = text(f"SELECT substring(body FROM 1 FOR {HEAD}) FROM raw_payload WHERE sealed LIMIT 1")


class Sealer:
    """A database's vault, opened at first use: that may make the data key. Safe between threads."""

    def __init__(self, open_vault: Callable[[], Vault]) -> None:
        self._open, self._checked = open_vault, False

    def ready(self, session: Session) -> Vault:
        """Raises ConfigError where payloads stand that another key sealed: a second one would make a part unreadable.

        Any payload will do, and one look for each process: all of them are sealed by one key.
        """
        vault = self._open()
        if not self._checked:
            head = session.connection().execute(_ANY_SEALED).scalar()
            if head is not None:
                vault.check(bytes(head))
                self._checked = True
        return vault


def arm(session: Session, sealer: Sealer | None) -> None:
    """Let what is done in this session seal and open."""
    session.info[_INFO] = sealer


def vault_of(session: Session) -> Vault:
    """The vault of this unit of work. Raises ConfigError where none is open, or the key is another one."""
    sealer = session.info.get(_INFO)
    if not isinstance(sealer, Sealer):
        raise ConfigError("payloads are kept sealed only, and no data key is open here: use a command of `ecom`")
    return sealer.ready(session)
