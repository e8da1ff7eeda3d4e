"""The vendors' official contracts as a checker: does this request agree with what the vendor published?

The contract files are no part of the project; they are read from the folder handed in, in the vendor's
own formats (Swagger 2, OpenAPI 3, GraphQL introspection). Nothing is read before it is asked for: a
vendor's files at its first request, an operation at its first check.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ecom_agent.errors import BadInput
from platforms.simulated.contracts import check
from platforms.simulated.contracts.documents import Documents
from platforms.simulated.contracts.problems import OperationInfo, Problem
from platforms.simulated.contracts.routes import Match, Routes

__all__ = ["Contracts", "OperationInfo", "Problem"]

_GRAPHQL: Final = "shopify/admin_2026-10.json.gz"

_EXTRA_HEADERS: Final = {"amazon-sp-api": ("x-amz-access-token",)}
"""Credentials a vendor asks for without declaring them in its files."""

_MISPRINTS: Final = {"ebay": (".aspects",)}
"""Ends of places where a vendor's file contradicts its service: eBay's aspects are declared text, but are an object."""


class Contracts:
    """Checks requests against a folder with one subfolder per vendor: "amazon-sp-api", "shopify", …"""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._routes: dict[str, Routes] = {}
        self._documents: Documents | None = None

    @classmethod
    def load(cls, specs_dir: Path) -> Contracts:
        """Raises BadInput where there is no such folder."""
        if not specs_dir.is_dir():
            raise BadInput(
                "a folder of contract files, one subfolder per vendor", str(specs_dir), "name another folder"
            )
        return cls(specs_dir)

    def has(self, vendor: str) -> bool:
        """Is there a contract of this vendor at all?"""
        return (self._folder / vendor).is_dir()

    def operation(
        self, vendor: str, method: str, path: str, query: Mapping[str, str] | None = None
    ) -> OperationInfo | None:
        """Which operation answers, None where the contract has none."""
        found = self._matches(vendor, path, query or {})
        fitting = [m for m in found if method.lower() in m.route.methods]
        return fitting[0].route.spec.operation(fitting[0].route.template, method.lower()).info if fitting else None

    def check_request(
        self, vendor: str, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: Any
    ) -> list[Problem]:
        """Everything in which the request disagrees with the contract; empty = it agrees.

        `path` is without host and query, its segments still percent-encoded or not. A list in the query
        is one comma-separated value. `body` is the decoded JSON, None where nothing was sent; bytes or
        text are taken as they are for media types other than JSON.
        """
        found = self._matches(vendor, path, query)
        if not found:
            return [Problem("path", f"the contract of {vendor} has no path {path}", 404)]
        match = next((m for m in found if method.lower() in m.route.methods), None)
        if match is None:
            return [Problem("method", f"{path} does not take {method.upper()}", 405)]
        operation = match.route.spec.operation(match.route.template, method.lower())
        lower = {name.lower(): value for name, value in headers.items()}
        problems = (
            *check.credentials(operation, lower, _EXTRA_HEADERS.get(vendor, ())),
            *check.parameters(operation, match.path_values, query, lower, match.route.fixed_query),
            *check.content(operation, lower, body),
        )
        return _once(vendor, problems)

    def check_answer(
        self, vendor: str, method: str, path: str, query: Mapping[str, str], status: int, body: Any
    ) -> list[Problem]:
        """Everything in which an answer disagrees with the contract: status, shape, fields that it does not name.

        `body` is the decoded JSON, None where nothing was answered. Refusals (4xx, 5xx) are declared by few files:
        hand in those whose shape the file prints.
        """
        match = next((m for m in self._matches(vendor, path, query) if method.lower() in m.route.methods), None)
        if match is None:
            return [Problem("path", f"the contract of {vendor} has no {method.upper()} {path}", 404)]
        operation = match.route.spec.operation(match.route.template, method.lower())
        return _once(vendor, tuple(check.answer(operation, status, body)))

    def check_document(self, document: str, variables: Mapping[str, Any]) -> list[Problem]:
        """Everything in which a Shopify Admin GraphQL document or its variables disagree with the schema."""
        if self._documents is None:
            self._documents = Documents.load(self._folder / _GRAPHQL)
        return self._documents.check(document, variables)

    def _matches(self, vendor: str, path: str, query: Mapping[str, str]) -> list[Match]:
        if vendor not in self._routes:
            if not self.has(vendor):
                raise BadInput(
                    f"contract files of {vendor}", f"none in {self._folder}", "name another folder or vendor"
                )
            self._routes[vendor] = Routes(self._folder / vendor)
        return self._routes[vendor].find(path, query)


def _once(vendor: str, problems: Sequence[Problem]) -> list[Problem]:
    """Each problem once, in order, without the vendor's own misprints."""
    misprints = _MISPRINTS.get(vendor, ())
    kept = (p for p in reversed(problems) if not (misprints and p.where.endswith(misprints)))
    return list({(p.where, p.why): p for p in kept}.values())[::-1]
