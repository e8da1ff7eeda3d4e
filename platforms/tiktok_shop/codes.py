"""TikTok answers HTTP 200 to nearly everything and says in `code` what went wrong: here as the status it means.

TikTok publishes no list. 36009002 is third-party knowledge, 12052... are from its published samples, the others
are general knowledge: a code that is not here counts as a refusal (400), with all of TikTok's words kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from platforms._shared.payload import find

OK: Final = 0
STATUS: Final[Mapping[int, int]] = {
    105000: 401,  # no access token
    105001: 401,  # an access token that is none
    105002: 401,  # an access token that has expired
    105005: 403,  # the app lacks the scope
    106001: 403,  # the signature does not fit
    106011: 403,  # the shop cipher is not one of this seller
    36004004: 403,  # the refresh token is none, or was revoked
    36009002: 429,  # too many requests
    36009003: 500,  # internal error
    36009004: 400,  # invalid parameters
    36009009: 404,  # no such path
    98001001: 500,
    98001002: 500,
}
_CREDENTIALS: Final = frozenset({105, 106})
_REFUSED: Final = 400


def status_of(code: int) -> int:
    """The HTTP status that a business code stands for; 200 for success."""
    if code == OK:
        return 200
    return STATUS.get(code, 403 if code // 1000 in _CREDENTIALS else _REFUSED)


def issues(body: Any) -> tuple[str, ...]:
    """TikTok's words: `code` and `message` of the answer, and of each entry of a list of errors in it."""
    if not isinstance(body, Mapping):
        return ()
    data = body.get("data")
    lists = (body.get("errors"), data.get("errors") if isinstance(data, Mapping) else None)
    told = [issue(error) for errors in lists if isinstance(errors, list) for error in errors]
    return ((issue(body),) if body.get("code") else ()) + tuple(told)


def issue(error: Any) -> str:
    """One error with what stands below it: "12052990: batch update inventory error; 12052003: …"."""
    if not isinstance(error, Mapping):
        return str(error)
    words = ": ".join(str(error[name]) for name in ("code", "message") if error.get(name))
    detail = find(error, "detail") if isinstance(error.get("detail"), Mapping) else None
    below = detail.get("extra_errors") if isinstance(detail, Mapping) else None
    return "; ".join([words, *map(issue, below)]) if isinstance(below, list) else words
