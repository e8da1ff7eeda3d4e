"""Every deliberate error, as one tree.

EcomError
├─ ConfigError            settings are wrong; stop, say which one
├─ BadInput               a file, argument or form of a person is wrong (.wanted .found .fix)
├─ PlatformError          the outside world said no   (.platform .operation)
│  ├─ TransientError      waiting helps               (.retry_after_s)
│  │  └─ OutOfQuota       no token before the caller's deadline: nothing was sent
│  ├─ TerminalError       waiting does not help
│  │  ├─ AuthFailed       credentials are refused, ours or a caller's
│  │  │  └─ Replayed      rightly signed, at another time than now
│  │  └─ Rejected         the platform refuses this request (.issues)
│  └─ OutcomeUnknown      a write timed out: read back first
├─ ParseFailed            a payload had another shape (.path)
├─ StoreError             the database cannot do it (newer schema, full disk, gone)
├─ NotFound               no such Action, listing or account
└─ IllegalTransition      an Action was asked to skip a step

Messages say what was wanted, what was found, what to do. Secrets and buyers' data never enter one.
"""

from __future__ import annotations


class EcomError(Exception):
    """Base of all deliberate errors; `str(error)` is fit to show a person."""


class ConfigError(EcomError):
    """A setting is missing or wrong; the message names it and the fix."""


class BadInput(EcomError):
    """Something a person handed in is wrong: what was wanted, what was found, what to do."""

    def __init__(self, wanted: str, found: str, fix: str) -> None:
        super().__init__(f"wanted {wanted}; found {found}; {fix}")
        self.wanted, self.found, self.fix = wanted, found, fix


class PlatformError(EcomError):
    """A marketplace said no. `platform` is its name, `operation` the vendor's operation name."""

    def __init__(self, platform: str, operation: str, message: str) -> None:
        super().__init__(f"{platform} {operation}: {message}")
        self.platform, self.operation, self.message = platform, operation, message

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.platform, self.operation, self.message), self.__dict__)


class TransientError(PlatformError):
    """Waiting helps. `retry_after_s` is what the platform asked for, None if it did not say."""

    def __init__(self, platform: str, operation: str, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(platform, operation, message)
        self.retry_after_s = retry_after_s


class OutOfQuota(TransientError):
    """No token comes free before the caller's deadline: told at once, nothing was sent. The next cycle goes on."""


class TerminalError(PlatformError):
    """Waiting does not help. `issues` are the platform's own words, one per issue; `status` its HTTP status."""

    def __init__(
        self, platform: str, operation: str, message: str, issues: tuple[str, ...] = (), status: int | None = None
    ) -> None:
        super().__init__(platform, operation, message)
        self.issues, self.status = issues, status


class AuthFailed(TerminalError):
    """Credentials are refused: the account is paused until somebody renews them."""


class Replayed(AuthFailed):
    """A call to us that is rightly signed, but for another time: sent once more by somebody, or a wrong clock."""


class Rejected(TerminalError):
    """The platform refuses this request, or we refuse to send it."""


class OutcomeUnknown(PlatformError):
    """A write got no answer: it may have been done. Read back before anything else."""


class ParseFailed(EcomError):
    """A payload has another shape than the contract; `path` names the field."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = path, reason

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.path, self.reason))


class StoreError(EcomError):
    """The database cannot do what was asked; the message says what to do."""


class NotFound(EcomError):
    """No such thing under this name."""


class IllegalTransition(EcomError):
    """An Action was asked to skip a step of its life."""
