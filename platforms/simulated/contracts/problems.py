"""What a contract check answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One disagreement with the contract.

    `where` names the place: "path", "query.marketplaceIds", "header.x-amz-access-token",
    "body.patches[0].op", or line and column of a GraphQL document. `why` is fit to show a person.
    `status` is the HTTP status this kind of refusal usually has (400 unless it is a special one).
    """

    where: str
    why: str
    status: int = 400

    def __str__(self) -> str:
        return f"{self.where}: {self.why}"


@dataclass(frozen=True, slots=True)
class OperationInfo:
    """Which operation of which contract file answers a request; `template` is its path as that file prints it.

    `base` is what stands before every path of that file ("/sell/inventory/v1"), "" where nothing does.
    """

    operation_id: str
    spec: str
    template: str
    base: str = ""
