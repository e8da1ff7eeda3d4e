"""Who acts: persons and software, told apart by how they are written.

A person is a plain name ("anna"); as a proposer it is written "person:anna", so that no automation's name
("pricing.repricing") can be taken for one. Software that acts without proposing is "system:<part>".
"""

from __future__ import annotations

from typing import Final

PERSON: Final = "person:"
_SOFTWARE: Final = ("automation:", "system:")


def as_proposer(name: str) -> str:
    """How a person is written in `Action.proposed_by`."""
    return f"{PERSON}{name.strip()}"


def is_person(by: str) -> bool:
    """Whether `by`, the signer of an approval or a lift, is written as a person."""
    name = by.strip().removeprefix(PERSON).strip()
    return bool(name) and not name.startswith(_SOFTWARE)


def proposed_by_person(proposed_by: str) -> bool:
    """Whether an Action's proposer is a person."""
    return proposed_by.startswith(PERSON) and is_person(proposed_by)
