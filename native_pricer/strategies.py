"""The portfolio of pricing strategies: their names, and their genes with bounds and meaning.

A strategy is a pure function of what is publicly seen, a small memory and its genes (`strategy.pxi`, compiled;
`_twin/strategy`, readable). Floor and ceiling are kept inside it, and the caller's guard comes after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

MAX_GENES: Final = 24


class Gene(NamedTuple):
    """One whole number that a strategy is tuned by: `low` ≤ value ≤ `high`."""

    name: str
    low: int
    high: int
    default: int
    meaning: str


@dataclass(frozen=True, slots=True)
class Species:
    """A way of pricing. `number` is the compiled code's. With a `legal_reason` it is switched off: see `Strategy`."""

    name: str
    number: int
    title: str
    genes: tuple[Gene, ...] = ()
    legal_reason: str | None = None


LEGAL_REASON: Final = (
    "It raises in order to be followed. Inviting competitors to raise together can be an unlawful concerted practice "
    "(US: Sherman Act s. 1, FTC Act s. 5, invitations to collude; EU: Art. 101 TFEU, price signalling). "
    "Not for any live listing without written legal advice."
)
COAXING: Final = "follow_up"
"""The gene that would count on being followed: see LEGAL_REASON. Chance never sets it."""
_KAPPA = Gene("kappa", 1, 120, 60, "how strongly price moves the odds of the Buy Box: −κ·ln(price)")
_FBA = Gene("fba_centi", 0, 500, 240, "what shipping from the marketplace's stock is worth in those odds, × 100")
_MODEL = (
    _KAPPA,
    _FBA,
    Gene("incumbent_centi", 0, 300, 70, "what holding the Buy Box is worth in those odds, × 100"),
    Gene("gain_bp", 0, 5_000, 100, "a move must promise this much more than staying, basis points"),
    Gene("now_pm", 0, 1_000, 50, "weight of the moment before rivals react, per mille; the rest: after it"),
    Gene(COAXING, 0, 1, 0, "1 = a raise may count on being followed. Off: see LEGAL_REASON, ask a lawyer"),
    Gene("bonus_minor", 0, 100_000, 0, "what a sale by the Buy Box is worth beyond its margin: buys share with profit"),
    Gene("redraws", 1, 100, 12, "within how many 5-minute draws of the Buy Box its followers have come to our price"),
    Gene("tie_pct", 0, 100, 100, "of the buyers of the lowest price, how many stay ours when a rival asks the same"),
    Gene("pace_min", 0, 1_440, 20, "least minutes between two writes"),
    Gene("cool_centi", 1, 10_000, 200, "writes of ours forgotten when rivals move of their own accord, × 100"),
    Gene("stop_after", 1, 1_000, 3, "with so many writes not forgotten nothing more is written"),
    Gene("rest_pct", 0, 100, 80, "of the reference price: where a rival is taken to stop before its floor is known"),
)
_CENTS = Gene("below_minor", 0, 500, 1, "how far below the lowest rival, minor units")
_SHARE = Gene("below_bp", 0, 1_000, 0, "how far below the lowest rival, basis points of its price; adds to below_minor")

SPECIES: Final = MappingProxyType(
    {
        s.name: s
        for s in (
            Species("fixed", 0, "Leaves the price as it is."),
            Species("beat", 1, "Just below the lowest rival.", (_CENTS, _SHARE)),
            Species("match", 2, "The Buy Box's price; stays while it holds the Buy Box."),
            Species(
                "oscillate",
                3,
                "Beats down to its floor, then back to its ceiling; and back up at night.",
                (
                    _CENTS,
                    _SHARE,
                    Gene("night_from", 0, 24, 1, "first local hour of the reset; 24 = never"),
                    Gene("night_to", 0, 23, 4, "last local hour of the reset"),
                ),
            ),
            Species(
                "raise_alone",
                4,
                "Raises step by step while it holds the Buy Box; matches when it was lost.",
                (
                    Gene("step_bp", 1, 1_000, 100, "size of a step up, basis points of our price"),
                    Gene("every_min", 1, 1_440, 5, "minutes between two steps up"),
                ),
            ),
            Species("myopic", 5, "Best expected profit per buyer as if no rival ever reacted.", (_KAPPA, _FBA)),
            Species("elasticity", 6, "Best profit by odds and own elasticity against today's prices.", _MODEL),
            Species("rival_model", 7, "Best profit once each rival has reacted as its own moves foretell.", _MODEL),
            Species(
                "share_first",
                8,
                "The highest price that still wins the Buy Box; its floor where none does.",
                (*_MODEL, Gene("target_pm", 1, 999, 990, "wanted odds of the Buy Box, per mille")),
            ),
            Species(
                "adaptive",
                9,
                "The rival model, until this listing's own evidence says that another rule earns more.",
                (
                    *_MODEL,
                    Gene("epoch_min", 30, 10_080, 420, "minutes for which a rule is tried"),
                    Gene("explore_pct", 0, 200, 5, "how much better than it looked a rule tried once may be, percent"),
                    Gene("keep_pm", 500, 1_000, 1_000, "evidence kept from epoch to epoch, per mille"),
                    Gene(
                        "abort_pct", 0, 100, 70, "a trial that earns less of the best than this is broken off, percent"
                    ),
                    Gene("loss_cap_pm", 0, 1_000, 50, "trials may cost this much of all that was earned, per mille"),
                    Gene("skip_min", 0, 600, 0, "minutes after a change of rule that are not measured"),
                    Gene("band_bp", 0, 1_000, 20, "smaller steps down are left out: no penny race, basis points"),
                    Gene("arm_pace_min", 0, 1_440, 20, "least minutes between two writes of a rule on trial"),
                    Gene("quiet", 0, 1_000, 6, "with fewer rivals' moves in an epoch nothing is tried"),
                ),
            ),
            Species(
                "price_leader",
                10,
                "Raises above all others in the hope of being followed; goes back when it was not.",
                (
                    Gene("step_bp", 1, 1_000, 100, "size of a step up, basis points of our price"),
                    Gene("every_min", 1, 10_080, 240, "minutes that rivals have to follow"),
                ),
                LEGAL_REASON,
            ),
        )
    }
)


@dataclass(frozen=True, slots=True)
class Strategy:
    """One species with values for all its genes. `study`: for the market bench only, never for a live listing.

    Raises: ValueError naming the species or the gene, or saying why a species is switched off.
    """

    species: str
    genes: tuple[int, ...]
    study: bool = False

    def __post_init__(self) -> None:
        if (reason := species(self.species).legal_reason) and not self.study:
            raise ValueError(f"{self.species} is switched off. {reason}")
        wanted = species(self.species).genes
        if len(self.genes) != len(wanted):
            raise ValueError(f"{self.species}: wanted {len(wanted)} genes; found {len(self.genes)}")
        for gene, value in zip(wanted, self.genes, strict=True):
            if type(value) is not int or not gene.low <= value <= gene.high:
                raise ValueError(
                    f"{self.species}.{gene.name}: wanted a whole number {gene.low}–{gene.high}; found {value!r}"
                )

    def padded(self) -> tuple[int, ...]:
        """The genes as the compiled code takes them."""
        return self.genes + (0,) * (MAX_GENES - len(self.genes))


def species(name: str) -> Species:
    """Raises: ValueError for an unknown name."""
    if name not in SPECIES:
        raise ValueError(f"strategy: wanted one of {', '.join(SPECIES)}; found {name!r}")
    return SPECIES[name]


def strategy(name: str, *, study: bool = False, **genes: int) -> Strategy:
    """A strategy with its defaults, but for the genes given by name.

    Raises: ValueError naming the species or the gene.
    """
    wanted = species(name).genes
    if unknown := genes.keys() - {gene.name for gene in wanted}:
        raise ValueError(f"{name}: no gene {', '.join(sorted(unknown))}; it has {', '.join(g.name for g in wanted)}")
    return Strategy(name, tuple(genes.get(gene.name, gene.default) for gene in wanted), study)
