"""Sealing what may identify a person, before it is stored: AES-256-GCM under one data key.

A sealed value is: version (1 byte), id of the key (8), nonce (12), ciphertext and tag (16). It opens only at the place
it was sealed for, so that one row's text cannot be put into another. Random nonces are safe for 2^32 values a key.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ecom_agent.errors import ConfigError, StoreError

KEY_FILE: Final = "data.key"
"""In the data folder, mode 600, where the settings name no key."""
HEAD: Final = 9
"""So many bytes at the front say by which key a value was sealed: `Vault.mark`."""
_KEY: Final = 32
_NONCE: Final = 12
_TAG: Final = 16
_VERSION: Final = b"\x01"
_OTHERS: Final = 0o077


class Vault:
    """Seals and opens texts. Neither the key nor a text is ever part of an error or a repr."""

    def __init__(self, key: bytes) -> None:
        """Raises ConfigError for a key that has not 32 bytes."""
        if len(key) != _KEY:
            raise ConfigError(f"the data key: wanted {_KEY} bytes; found {len(key)}; make one: openssl rand -base64 32")
        self._cipher = AESGCM(key)
        self._names = hmac.digest(key, b"ecom-agent names of persons", "sha256")
        self.key_id = hashlib.sha256(b"ecom-agent data key\0" + key).digest()[: HEAD - 1]

    @property
    def mark(self) -> bytes:
        """The first bytes of everything this vault seals."""
        return _VERSION + self.key_id

    def seal(self, text: str, place: str) -> bytes:
        """`place` names the row and column, and need not be secret. The same text never looks the same twice."""
        return self.seal_bytes(text.encode("utf-8", "replace"), place)

    def seal_bytes(self, data: bytes, place: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return self.mark + nonce + self._cipher.encrypt(nonce, data, place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """Raises ConfigError for a value of another key, StoreError for one that was altered or moved."""
        return self.open_bytes(sealed, place).decode()

    def open_bytes(self, sealed: bytes, place: str) -> bytes:
        """As `open`."""
        self.check(sealed)
        nonce, rest = sealed[HEAD : HEAD + _NONCE], sealed[HEAD + _NONCE :]
        try:
            if len(rest) < _TAG:
                raise InvalidTag
            return self._cipher.decrypt(nonce, rest, place.encode())
        except InvalidTag:
            raise StoreError("a sealed value does not open: it was altered, cut off or moved; restore it") from None

    def name(self, *parts: str) -> str:
        """A name for whoever these parts are: the same for the same parts, and no way back without the key.

        32 hexadecimal digits of HMAC-SHA256 under a key of its own, derived from the data key.
        """
        told = "\0".join(parts).encode("utf-8", "replace")
        return hmac.digest(self._names, told, "sha256").hex()[:32]

    def check(self, sealed: bytes) -> None:
        """Raises ConfigError unless this, or its first bytes, was sealed by this key."""
        if sealed[:HEAD] != self.mark:
            raise ConfigError(
                f"the data key: what is stored was sealed by key {sealed[1:HEAD].hex() or 'unknown'}, this one is"
                f" {self.key_id.hex()}; set ECOM_DATA_KEY, or bring back {KEY_FILE} of the data folder, as it was then"
            )

    def __repr__(self) -> str:
        return f"Vault({self.key_id.hex()})"


def open_vault(key: str | None, folder: Path) -> Vault:
    """By the key of the settings (base64), else by the one of the data folder, which is made if there is none.

    Raises ConfigError, never with the key in it.
    """
    return Vault(_decoded(key, "ECOM_DATA_KEY") if key else _of_folder(folder / KEY_FILE))


def _decoded(text: str, name: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise ConfigError(
            f"{name}: wanted {_KEY} bytes in base64; found other text; make one: openssl rand -base64 32"
        ) from None


def _of_folder(file: Path) -> bytes:
    if not file.exists():
        _make(file)
    if file.stat().st_mode & _OTHERS:
        raise ConfigError(f"{file}: others may read the data key; wanted mode 600; chmod 600 {file}")
    return _decoded(file.read_text(encoding="ascii", errors="replace"), str(file))


def _make(file: Path) -> None:
    """Written whole under another name and then linked: of processes that race one wins, and none reads half a key."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(base64.b64encode(secrets.token_bytes(_KEY)) + b"\n")
            out.flush()
            os.fsync(out.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
    finally:
        draft.unlink()
