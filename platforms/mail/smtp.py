"""The door to the SMTP server: one letter, step by step, so that it is known whether it may have been taken.

Before the letter itself is handed over nothing was sent; after that, silence means: nobody knows.
"""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from typing import Final

from ecom_agent.errors import AuthFailed, ConfigError, OutcomeUnknown, Rejected, TransientError
from ecom_agent.ids import AccountId
from ecom_agent.telemetry import CALLS
from platforms.mail.imap import TIMEOUT_S
from platforms.mail.login import NAME, Login
from platforms.mail.settings import MailSettings, server

SEND: Final = "smtpSend"


def hand_over(settings: MailSettings, account: AccountId, login: Login, to: str, raw: bytes) -> str:
    """Give one letter to the server; gives its reply code.

    Raises AuthFailed, Rejected (it will never take this letter), TransientError (not sent, it may later), ConfigError
    (no safe connection), OutcomeUnknown. Its own words are not passed on: they often repeat the recipient.
    """
    where = server(settings.smtp, "smtp")
    status = "gone"
    try:
        with _connected(settings, account, login) as client:
            _step(client.mail(settings.address), "sender")
            _step(client.rcpt(to), "recipient")
            code = _data(client, raw)
            status = str(code)
            return status
    except smtplib.SMTPAuthenticationError:
        status = "401"
        raise AuthFailed(
            NAME, SEND, f"{where.host} refused the login: set a new ECOM_{account.upper()}__{login.secret}", status=401
        ) from None
    except ssl.SSLError as error:
        status = "tls"
        raise ConfigError(f"{account}: no safe connection to {where.host}: {error.reason or 'TLS failed'}") from None
    except (OSError, smtplib.SMTPException) as error:
        raise TransientError(NAME, SEND, f"{where.host} does not answer ({type(error).__name__})") from None
    except Rejected as error:
        status = str(error.status)
        raise
    finally:
        CALLS.labels(NAME, SEND, status).inc()


def _connected(settings: MailSettings, account: AccountId, login: Login) -> smtplib.SMTP:
    where = server(settings.smtp, "smtp")
    context = ssl.create_default_context()
    if where.tls:
        client: smtplib.SMTP = smtplib.SMTP_SSL(where.host, where.port, timeout=TIMEOUT_S, context=context)
    else:
        client = smtplib.SMTP(where.host, where.port, timeout=TIMEOUT_S)
    if where.starttls:
        client.ehlo()
        if not client.has_extn("starttls"):
            client.close()
            raise ConfigError(f"{account}: {where.host} offers no TLS: no password is sent to it")
        client.starttls(context=context)
    client.ehlo()
    if client.has_extn("auth"):
        login.smtp(client)
    return client


def _step(answer: tuple[int, bytes], what: str) -> None:
    code, _ = answer
    if 200 <= code < 300:
        return
    if code >= 500:
        raise Rejected(NAME, SEND, f"the server does not take the {what} (code {code})", status=code)
    raise TransientError(NAME, SEND, f"the server does not take the {what} now (code {code})")


def _data(client: smtplib.SMTP, raw: bytes) -> int:
    try:
        code, _ = client.data(raw)
    except smtplib.SMTPDataError as error:  # it did not even want to begin
        _step((error.smtp_code, b""), "letter")
        raise
    except (OSError, smtplib.SMTPServerDisconnected) as error:
        raise OutcomeUnknown(NAME, SEND, f"no answer to the letter ({type(error).__name__})") from None
    with suppress(OSError, smtplib.SMTPException):
        client.rset()
    _step((code, b""), "letter")
    return code
