"""The one HTTP door of all connectors: quota, token, retries, and status → error, from one table.

A read that got no answer is Transient and tried again a few times; a write that got none is OutcomeUnknown
and never sent twice. Headers and bodies are never logged and never enter an error, but for the platform's own
words about what is wrong, with our secrets masked.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, Protocol
from urllib.parse import urlencode

import httpx
import orjson
import tenacity

from ecom_agent.clock import Clock
from ecom_agent.errors import AuthFailed, OutcomeUnknown, Rejected, TerminalError, TransientError
from ecom_agent.ids import AccountId
from ecom_agent.telemetry import CALLS
from platforms._shared.throttle import PATIENCE_S, Quota
from platforms._shared.wire import Ask, Told, Wire, wire

BY_STATUS: Final[Mapping[int, type[TerminalError]]] = {
    400: Rejected,
    401: AuthFailed,
    403: AuthFailed,
    404: TerminalError,
    409: Rejected,
    413: Rejected,
    415: Rejected,
    422: Rejected,
}
"""What is not here and below 500 is a TerminalError too; 429 and 5xx have their own ways."""
TRIES: Final = 4
TIMEOUT_S: Final = 30.0
USER_AGENT: Final = "ecom-agent/0.1 (Language=Python)"
_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_SHORTEST_SECRET: Final = 6
logging.getLogger("httpx").setLevel(logging.WARNING)  # its line for each call holds whole URLs, signed links too


class Tokens(Protocol):
    """Where the access token comes from; one that cannot be renewed has no `refused`."""

    def get(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx answer. `parsed` is its JSON, None where the body is empty. Field names of headers are lower case."""

    status: int
    headers: httpx.Headers
    raw: bytes
    parsed: Any


@dataclass(frozen=True, slots=True)
class Dialect:
    """What differs between vendors.

    `token_header` carries the token, after `token_prefix`; `issues` reads the vendor's words out of an error body;
    `stale_token` tells a refused token that a new one cures from a missing right; `learn` corrects the quota from
    headers.
    """

    platform: str
    token_header: str
    issues: Callable[[Any], tuple[str, ...]]
    stale_token: Callable[[int, Any], bool] = lambda status, _body: status == 401
    learn: Callable[[Quota, AccountId, str, httpx.Headers], None] = lambda *_: None
    token_prefix: str = ""


class _Again(Exception):
    """This attempt failed in a way that another may cure, `wait_s` from now; `error` is what to raise if none does."""

    def __init__(self, error: TransientError, wait_s: float | None = None) -> None:
        super().__init__(str(error))
        self.error, self.wait_s = error, wait_s


class Http:
    """One account's calls to one host. `secrets` are masked wherever a vendor repeats them to us."""

    def __init__(
        self,
        dialect: Dialect,
        account: AccountId,
        *,
        clock: Clock,
        quota: Quota,
        secrets: tuple[str, ...] = (),
        transport: httpx.BaseTransport | None = None,
        around: Callable[[Wire], Wire] = lambda inner: inner,
    ) -> None:
        """`transport` takes the place of the real one; `around` is what a vendor adds to each request on its way."""
        self.dialect, self.account = dialect, account
        self._clock, self._quota, self._secrets = clock, quota, secrets
        self._retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_Again),
            stop=tenacity.stop_after_attempt(TRIES),
            wait=_wait,
            sleep=self._clock.sleep,
            reraise=True,
        )
        self._wire = around(wire(TIMEOUT_S, transport))
        self._client = httpx.Client(transport=transport, timeout=TIMEOUT_S, headers={"User-Agent": USER_AGENT})

    def send(
        self,
        method: str,
        url: str,
        *,
        operation: str,
        write: bool,
        tokens: Tokens | None = None,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        bucket: str | None = None,
        cost: float = 1.0,
        is_file: bool = False,
    ) -> Answer:
        """Send one request, with as many attempts as are safe, and give its 2xx answer.

        `is_file`: the answer is a file, not JSON; its `parsed` is None.
        `cost` tokens are taken from the operation's own bucket, or from `bucket` where operations share one.

        Raises: TransientError, AuthFailed, Rejected, TerminalError; OutcomeUnknown for writes only.
        """
        until = self._clock.now() + timedelta(seconds=PATIENCE_S)
        content, kind = (b"", NONE) if body is None else (orjson.dumps(body), JSON)
        if form is not None:
            content, kind = urlencode(form).encode("ascii"), FORM
        asked = Ask(method, url if not query else _with(url, query), {**ALWAYS, **kind, **(headers or {})}, content)
        attempt = _Attempt(self, asked, operation, write, tokens, bucket or operation, cost, until, is_file)
        try:
            return self._retrying(attempt.run)
        except _Again as again:
            raise again.error from None

    def lines(self, url: str, *, operation: str) -> Iterator[str]:
        """A file, line by line, as it comes in; without our token, for its link is signed.

        Raises TransientError where the line drops: lines given so far were good.
        """
        with self._download(url, operation) as response:
            yield from response.iter_lines()

    def download(self, url: str, *, operation: str) -> bytes:
        """A whole file as it lies there, packed or not; without our token, for its link is signed.

        Raises TransientError where it breaks off, TerminalError where the link is dead.
        """
        with self._download(url, operation) as response:
            return response.read()

    def upload(self, url: str, content: bytes, *, operation: str, content_type: str) -> None:
        """Put a file where a signed link says; without our token.

        A file that lies there does nothing until the platform is told of it: that it did not arrive is no unknown
        outcome. Raises TransientError where the line drops or the other side fails, TerminalError where it refuses.
        """
        platform = self.dialect.platform
        try:
            response = self._client.put(url, content=content, headers={"Content-Type": content_type})
        except httpx.TransportError as error:
            CALLS.labels(platform, operation, "dropped").inc()
            raise TransientError(platform, operation, f"the upload broke off ({type(error).__name__})") from None
        CALLS.labels(platform, operation, str(response.status_code)).inc()
        if response.status_code >= 500:
            raise TransientError(platform, operation, f"status {response.status_code}")
        if not response.is_success:
            what = f"status {response.status_code}: the link takes no file"
            raise TerminalError(platform, operation, what, (), response.status_code)

    @contextmanager
    def _download(self, url: str, operation: str) -> Iterator[httpx.Response]:
        platform = self.dialect.platform
        try:
            with self._client.stream("GET", url) as response:
                CALLS.labels(platform, operation, str(response.status_code)).inc()
                if response.status_code >= 500:
                    raise TransientError(platform, operation, f"status {response.status_code}")
                if not response.is_success:
                    raise TerminalError(
                        platform,
                        operation,
                        f"status {response.status_code}: the link is dead",
                        (),
                        response.status_code,
                    )
                yield response
        except (httpx.TransportError, httpx.DecodingError) as error:
            CALLS.labels(platform, operation, "dropped").inc()
            raise TransientError(platform, operation, f"the download broke off ({type(error).__name__})") from None

    def close(self) -> None:
        self._wire.close()
        self._client.close()

    def __repr__(self) -> str:
        return f"Http({self.dialect.platform}, {self.account})"

    def masked(self, text: str, *more: str) -> str:
        for secret in (*self._secrets, *more):
            if len(secret) >= _SHORTEST_SECRET:
                text = text.replace(secret, "***")
        return text


NONE: Final[Mapping[str, str]] = {}
JSON: Final = {"Content-Type": "application/json"}
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
ALWAYS: Final = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": USER_AGENT}


class _Attempt:
    """One request on its way: the same for every try of it, but for a token that was renewed."""

    def __init__(
        self,
        http: Http,
        asked: Ask,
        operation: str,
        write: bool,
        tokens: Tokens | None,
        bucket: str,
        cost: float,
        until: datetime,
        is_file: bool,
    ) -> None:
        self._http, self._asked, self._operation = http, asked, operation
        self._is_file = is_file
        self._write, self._tokens, self._until = write, tokens, until
        self._bucket, self._cost = bucket, cost
        self._renewed = False
        self._token = ""

    def run(self) -> Answer:
        http = self._http
        http._quota.acquire(http.account, self._bucket, cost=self._cost, within_s=self._left_s())
        told = self._answered()
        http.dialect.learn(http._quota, http.account, self._bucket, told.headers)
        return self._read(told) if 200 <= told.status < 300 else self._refused(told)

    def _left_s(self) -> float:
        return max(0.0, (self._until - self._http._clock.now()).total_seconds())

    def _answered(self) -> Told:
        asked, dialect = self._asked, self._http.dialect
        if self._tokens is not None:
            self._token = self._tokens.get()
            asked = asked._replace(headers={**asked.headers, dialect.token_header: dialect.token_prefix + self._token})
        try:
            told = self._http._wire.exchange(asked)
        except httpx.TimeoutException as error:
            raise self._unanswered("timeout", error) from None
        except httpx.TransportError as error:
            raise self._unanswered("dropped", error) from None
        self._count(str(told.status))
        return told

    def _unanswered(self, how: str, error: httpx.TransportError) -> Exception:
        self._count(how)
        what = f"no answer ({how}: {type(error).__name__})"
        if self._write and not isinstance(error, _NOT_SENT):
            return self._unknown(what)
        return _Again(self._transient(what))

    def _read(self, told: Told) -> Answer:
        if self._is_file:
            return Answer(told.status, told.headers, told.body, None)
        try:
            parsed = orjson.loads(told.body) if told.body.strip() else None
        except orjson.JSONDecodeError:
            what = f"status {told.status} with a body that is not JSON"
            raise (self._unknown(what) if self._write else _Again(self._transient(what))) from None
        return Answer(told.status, told.headers, told.body, parsed)

    def _refused(self, told: Told) -> Answer:
        status, http = told.status, self._http
        try:
            parsed = orjson.loads(told.body)
        except orjson.JSONDecodeError:
            parsed = None
        issues = tuple(http.masked(issue, self._token) for issue in http.dialect.issues(parsed))
        message = f"status {status}" + (f": {'; '.join(issues)}" if issues else "")
        wait_s = _retry_after_s(told.headers, http._clock.now())
        if status == 429:
            http._quota.throttled(http.account, self._bucket, retry_after_s=wait_s)
            raise _Again(self._transient(message, wait_s), wait_s=0.0)
        if status >= 500 and self._write:
            raise self._unknown(message)
        if status >= 500:
            patient = wait_s is None or wait_s <= self._left_s()
            raise _Again(self._transient(message, wait_s), wait_s) if patient else self._transient(message, wait_s)
        if self._can_renew(status, parsed):
            return self.run()
        raise BY_STATUS.get(status, TerminalError)(http.dialect.platform, self._operation, message, issues, status)

    def _can_renew(self, status: int, parsed: Any) -> bool:
        """True once per request: the token was refused, a new one will be fetched."""
        refused = getattr(self._tokens, "refused", None)
        if refused is None or self._renewed or not self._http.dialect.stale_token(status, parsed):
            return False
        self._renewed = True
        refused(self._token)
        return True

    def _transient(self, what: str, retry_after_s: float | None = None) -> TransientError:
        return TransientError(self._http.dialect.platform, self._operation, what, retry_after_s)

    def _unknown(self, what: str) -> OutcomeUnknown:
        return OutcomeUnknown(self._http.dialect.platform, self._operation, f"{what}; it may have been done: read back")

    def _count(self, status: str) -> None:
        CALLS.labels(self._http.dialect.platform, self._operation, status).inc()


def _with(url: str, query: Mapping[str, str]) -> str:
    """The URL with this query, in place of one that it may have."""
    return str(httpx.URL(url, params=dict(query))) if "?" in url or "#" in url else f"{url}?{urlencode(query)}"


def _wait(state: tenacity.RetryCallState) -> float:
    """Seconds before the next try: what the platform asked for, else 1, 2, 4. A 429 is waited for by the quota."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, _Again) and error.wait_s is not None:
        return error.wait_s
    return float(2 ** (state.attempt_number - 1))


def _retry_after_s(headers: httpx.Headers, now: datetime) -> float | None:
    """Retry-After as seconds or as a date; None where it is missing or makes no sense."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - now).total_seconds())
    except (TypeError, ValueError):
        return None
