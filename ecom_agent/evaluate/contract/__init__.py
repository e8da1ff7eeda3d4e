"""EVALUATION contract: do we speak with the platforms as their official contracts say?"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from ecom_agent.errors import BadInput
from ecom_agent.evaluate.base import Evaluation, Measured, Options
from ecom_agent.evaluate.contract import notifications, requests, samples, sandbox, signatures
from ecom_agent.evaluate.contract.tally import Tally

_REPO: Final = Path(__file__).resolve().parents[3]


def default_folder() -> Path:
    """ECOM_SHARED/specs, or shared/specs beside the project."""
    return Path(os.environ.get("ECOM_SHARED") or _REPO.parent / "shared") / "specs"


def run(options: Options) -> Measured:
    """Raises BadInput where the folder of contracts is missing or holds none of Amazon's and Shopify's."""
    specs = _checked(options.data or default_folder())
    parts: Mapping[str, Callable[[], Tally]] = {
        "official sandbox cases": lambda: sandbox.run(specs),
        "requests and documents": lambda: requests.run(specs, seed=options.seed),
        "signatures": lambda: signatures.run(specs),
        "notifications": lambda: notifications.run(specs),
    }
    tallies = []
    for number, (what, measure) in enumerate(parts.items()):
        options.progress(f"{number} of {len(parts) + 1}: {what}")
        tallies.append(measure())
    options.progress(f"{len(parts)} of {len(parts) + 1}: sample answers and events")
    sampled = samples.run(specs)
    return Measured(
        figures=_figures(tallies, sampled), baselines={}, data=str(specs), details=_details(tallies, sampled)
    )


def _checked(specs: Path) -> Path:
    missing = [name for name in ("amazon-sp-api", "shopify") if not (specs / name).is_dir()]
    if missing:
        found = f"{specs} without {' and '.join(missing)}" if specs.is_dir() else f"no folder {specs}"
        raise BadInput(
            "a folder of contracts with amazon-sp-api/ and shopify/",
            found,
            "name it by --data, or set ECOM_SHARED to the folder that holds specs/",
        )
    return specs


def _figures(tallies: Sequence[Tally], sampled: samples.Samples) -> dict[str, int]:
    figures: dict[str, int] = {}
    for tally, (ok, total) in zip(tallies, _NAMES, strict=True):
        figures |= {ok: tally.ok, total: tally.total}
    return {
        **figures,
        "samples_parsed": sampled.parsed,
        "samples_quarantined": len(sampled.quarantined),
        "samples_crashed": len(sampled.crashed),
        "not_built": sum(tally.not_built.total() for tally in tallies),
    }


def _details(tallies: Sequence[Tally], sampled: samples.Samples) -> dict[str, object]:
    return {
        "misses": [
            asdict(miss) for misses in (*(tally.misses for tally in tallies), sampled.crashed) for miss in misses
        ],
        "quarantined": sampled.quarantined,
        "samples_that_nothing_is_for": len(sampled.unread),
        "not_built": {tally.part: dict(tally.not_built) for tally in tallies if tally.not_built},
    }


_NAMES: Final = (
    ("sandbox_ok", "sandbox_total"),
    ("requests_agree", "requests_total"),
    ("signatures_ok", "signatures_total"),
    ("notifications_parsed", "notifications_total"),
)

EVALUATION: Final = Evaluation(
    name="contract",
    title="Official requests, answers, signatures and notifications against our connectors and simulated servers",
    figures={
        "sandbox_ok": "official SP-API sandbox cases without crash, lost field or lost error entry",
        "sandbox_total": "official SP-API sandbox cases in the folder",
        "requests_agree": "requests and GraphQL documents that the simulated servers accept or refuse as they must",
        "requests_total": "requests and GraphQL documents of platforms that are built",
        "signatures_ok": "signature vectors that are taken, and refused once changed",
        "signatures_total": "signature vectors of platforms that are built",
        "notifications_parsed": "the vendors' example notifications that our parsers understand",
        "notifications_total": "example notifications of Amazon, and of Shopify's order topics",
        "samples_parsed": "sample answers and events read whole: by our parsers, or by the client alone",
        "samples_quarantined": "records of sample answers and events that are set aside with a reason",
        "samples_crashed": "sample answers and events that are read as nothing, or crash",
        "not_built": "cases and vectors of platforms, and of operations, that are not built yet",
    },
    baselines={},
    run=run,
)
