"""The lab's policy, checked, and the name its Actions carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Final

from ecom_agent.errors import BadInput
from native_pricer.strategies import SPECIES
from pricing.lab.stages import StagePolicy
from pricing.lab.week import WeekPolicy

NAME: Final = "pricing.lab"
DEFAULTS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "incumbent": "match",  # a species with its default genes: what others must beat while none is live
        "stages": asdict(StagePolicy()),
        "week": asdict(WeekPolicy()),
    }
)


@dataclass(frozen=True, slots=True)
class LabPolicy:
    incumbent: str
    stages: StagePolicy
    week: WeekPolicy

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> LabPolicy:
        """From policy data; what it leaves out is as in DEFAULTS. Raises BadInput naming the key."""
        whole = {**DEFAULTS, **{name: value for name, value in body.items() if name != "seller_ids"}}
        unknown = sorted(set(whole) - set(DEFAULTS))
        if unknown:
            raise BadInput(f"keys {', '.join(DEFAULTS)}", unknown[0], f"correct it in the policy {NAME}")
        allowed = [name for name, species in SPECIES.items() if species.legal_reason is None]
        if whole["incumbent"] not in allowed:
            raise BadInput(
                f"incumbent as one of {', '.join(allowed)}",
                repr(whole["incumbent"]),
                f"correct it in the policy {NAME}",
            )
        parts = {name: whole[name] for name in ("stages", "week")}
        for name, part in parts.items():
            if not isinstance(part, Mapping):
                raise BadInput(f"a mapping under {name}", repr(part), f"correct it in the policy {NAME}")
        stages, week = ({**DEFAULTS[name], **part} for name, part in parts.items())
        return cls(whole["incumbent"], StagePolicy.read(stages), WeekPolicy.read(week))
