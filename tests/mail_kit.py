"""A shop's mail as it really runs: an IMAP server in a process of its own, an SMTP server in a thread, both local."""

from __future__ import annotations

import base64
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

import httpx
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from imapclient import IMAPClient
from ports_kit import free_port

from ecom_agent.clock import Clock, SystemClock
from ecom_agent.ids import AccountId
from platforms import registry
from platforms._shared.throttle import Quota

CARE, PASSWORD = "care@shop.example", "local-mail-password"
GRANT = {
    "TOKEN_URL": "https://login.example/oauth2/token",
    "CLIENT_ID": "our-app",
    "REFRESH_TOKEN": "local-refresh-token",
    "SCOPE": "imap smtp offline_access",
}
ACCOUNT = AccountId("care_desk")
HERE = Path(__file__).resolve().parent


@dataclass
class Letters:
    """What the SMTP server does with letters: takes them, or what `mood` says. The methods bear aiosmtpd's names.

    "forgot": the next access token is none any more.
    """

    mood: str = "takes"
    taken: list[tuple[str, list[str], bytes]] = field(default_factory=list)

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:  # aiosmtpd's name
        if self.mood in ("550", "450"):
            return f"{self.mood} nobody of that name here: {address}"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def auth_XOAUTH2(self, server: Any, args: list[str]) -> AuthResult:
        """The token is the password. Whoever is refused is told why first, and answers with an empty line."""
        good = base64.b64decode(args[1]) == f"user={CARE}\1auth=Bearer {PASSWORD}\1\1".encode()
        if self.mood == "forgot":
            good, self.mood = False, "takes"
        if not good:
            await server.challenge_auth('{"status": "401"}')
        return AuthResult(success=good, handled=False)

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        if self.mood == "silent":
            server.transport.abort()
        return "250 taken"


class MailServers:
    """`folder` holds the mailbox: killed and started again, the IMAP server has what it had."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.imap_port, self._process = folder, free_port(), None
        self.letters = Letters()
        self._smtp = Controller(
            self.letters,
            hostname="127.0.0.1",
            port=free_port(),
            authenticator=self._authenticated,
            auth_require_tls=False,
        )

    def start(self) -> None:
        self._smtp.start()
        self.start_imap()

    def start_imap(self) -> None:
        command = [sys.executable, str(HERE / "imap_server.py"), str(self._folder), str(self.imap_port), CARE, PASSWORD]
        self._process: Any = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout.readline() == "ready\n"

    def kill_imap(self) -> None:
        self._process.kill()
        self._process.wait(timeout=30)
        self._process.stdout.close()

    def stop_smtp(self) -> None:
        self._smtp.stop()

    def stop(self) -> None:
        self.kill_imap()
        if self._smtp.server is not None:
            self._smtp.stop()

    def settings(self, **changed: str) -> dict[str, str]:
        return {
            "ADDRESS": CARE,
            "PASSWORD": PASSWORD,
            "IMAP": f"imap://127.0.0.1:{self.imap_port}",
            "SMTP": f"smtp://127.0.0.1:{self._smtp.port}",
            **changed,
        }

    def environment(self, account: str = ACCOUNT, **changed: str) -> dict[str, str]:
        return {f"ECOM_{account}__{name}".upper(): value for name, value in self.settings(**changed).items()}

    def connector(self, clock: Clock | None = None, **changed: str) -> Any:
        ticking = clock or SystemClock()
        return registry.open("mail", ACCOUNT, self.settings(**changed), ticking, Quota(ticking))

    def connector_by_token(self, token_endpoint: httpx.BaseTransport) -> Any:
        """As for a mailbox at a provider who takes no passwords."""
        clock, settings = SystemClock(), self.settings(**GRANT)
        del settings["PASSWORD"]
        return registry.open("mail", ACCOUNT, settings, clock, Quota(clock), transport=token_endpoint)

    @contextmanager
    def mailbox(self, folder: str | None = None) -> Iterator[IMAPClient]:
        """As a person's mail program sees it."""
        client = IMAPClient("127.0.0.1", self.imap_port, ssl=False, timeout=30)
        client.login(CARE, PASSWORD)
        if folder is not None:
            client.select_folder(folder)
        yield client
        client.logout()

    def deliver(self, *mails: bytes, into: str = "INBOX") -> None:
        with self.mailbox() as client:
            if not client.folder_exists(into):
                client.create_folder(into)
            for raw in mails:
                client.append(into, raw)

    def _authenticated(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        good = (data.login, data.password) == (CARE.encode(), PASSWORD.encode())
        return AuthResult(success=good, handled=good)


@contextmanager
def mail_servers(folder: Path) -> Iterator[MailServers]:
    made = MailServers(folder)
    made.start()
    try:
        yield made
    finally:
        made.stop()


@contextmanager
def false_server(folder: Path) -> Iterator[tuple[int, list[bytes]]]:
    """A server with a certificate of its own making: its port, and what it was told after the handshake."""
    heard: list[bytes] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_self_signed(folder))

    class Ear(StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError), context.wrap_socket(self.request, server_side=True) as line:
                heard.append(line.recv(1000))

    with ThreadingTCPServer(("127.0.0.1", 0), Ear) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield int(server.server_address[1]), heard
        server.shutdown()


def _self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = SystemClock().now()
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = folder / "self-signed.pem"
    file.write_bytes(private + made.sign(key, SHA256()).public_bytes(Encoding.PEM))
    return file


def a_mail(
    number: int = 1,
    *,
    text: str = "Where is my parcel?",
    subject: str = "My order",
    sender: str = "Jane <jane@buyer.example>",
    **headers: str,
) -> bytes:
    """A buyer's plain letter; `headers` by name with _ for -."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, CARE, subject
    mail["Message-ID"] = f"<letter-{number}@buyer.example>"
    mail["Date"] = format_datetime(SystemClock().now())
    for name, value in headers.items():
        del mail[name.replace("_", "-")]
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()
