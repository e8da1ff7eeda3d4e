"""A real IMAP server (pymap over Maildir) as a process: `python imap_server.py FOLDER PORT USER PASSWORD`.

Prints one line when it listens. Mail stays in the folder, so that one that was killed comes back as it was. Whoever
logs in by XOAUTH2 shows the password as his access token.
"""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

from pymap.backend.maildir import Identity, MaildirBackend
from pymap.imap import IMAPService
from pymap.user import UserMetadata
from pysasl import SASLAuth
from pysasl.creds.external import ExternalVerificationRequired
from pysasl.creds.plain import PlainCredentials
from pysasl.hashing import BuiltinHash
from pysasl.mechanism import ChallengeResponse
from pysasl.mechanism.login import LoginMechanism
from pysasl.mechanism.oauth import OAuth2Mechanism
from pysasl.mechanism.plain import PlainMechanism


class ByToken(OAuth2Mechanism):
    """A token is held against the same hash as a password."""

    def server_attempt(self, responses: Sequence[ChallengeResponse]) -> tuple[Any, None]:
        shown, _ = super().server_attempt(responses)
        try:
            shown.verify(None)
        except ExternalVerificationRequired as asked:
            return PlainCredentials(shown.authzid, asked.token or ""), None


async def serve(folder: str, port: int, user: str, password: str) -> None:
    settings = Namespace(
        host=["127.0.0.1"], port=port, debug=False, cert=None, key=None, tls=False, proxy_protocol=None,
        passlib_cfg=None, inherited_sockets=None, base_dir=folder, layout="++", colon=None, concurrency=2,
    )  # fmt: skip
    backend, config = await MaildirBackend.init(settings)
    config.apply_context()
    type(config).tls_auth = property(lambda _config: SASLAuth([LoginMechanism(), PlainMechanism(), ByToken()]))
    login = backend.login
    hashed = BuiltinHash(rounds=1000).hash(password)  # its usual half a million would be most of a test
    owner = Identity(config, login.tokens, user, None, {"admin"})
    await owner.set(UserMetadata(config, user, password=hashed))
    async with AsyncExitStack() as stack:
        await IMAPService(backend, config).start(stack)
        print("ready", flush=True)  # noqa: T201
        await asyncio.Event().wait()


if __name__ == "__main__":
    given = sys.argv[1:]
    asyncio.run(partial(serve, given[0], int(given[1]), given[2], given[3])())
