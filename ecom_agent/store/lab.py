"""The strategy pool as kept: members with their pedigree, tournaments' scores, and who may go how far where."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ARRAY, Integer, SmallInteger, String
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, SQLModel, col, func, select, update

from ecom_agent.ids import AccountId, MarketplaceId
from ecom_agent.records.strategies import Stage, StrategyPlace, StrategyRecord, StrategyScore
from ecom_agent.store.columns import WHEN


class StrategyRow(SQLModel, table=True):
    __tablename__ = "strategy"
    id: str = Field(primary_key=True)
    species: str
    genes: list[int] = Field(sa_type=ARRAY(Integer))
    parents: list[str] = Field(sa_type=ARRAY(String))
    born_at: datetime = Field(sa_type=WHEN)
    culled_at: datetime | None = Field(sa_type=WHEN)


class ScoreRow(SQLModel, table=True):
    __tablename__ = "strategy_score"
    at: datetime = Field(primary_key=True, sa_type=WHEN)
    incumbent: str = Field(primary_key=True)
    member: str = Field(primary_key=True)
    profit_minor: float
    share: float | None
    writes: float
    gain: float
    gain_low: float
    gain_high: float
    pairs: int
    worst_mix: str
    worst_gain: float


class PlaceRow(SQLModel, table=True):
    __tablename__ = "strategy_place"
    account: str = Field(primary_key=True)
    marketplace: str = Field(primary_key=True)
    member: str = Field(primary_key=True)
    stage: int = Field(sa_type=SmallInteger)
    since: datetime = Field(sa_type=WHEN)


class LabStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, members: Sequence[StrategyRecord]) -> None:
        """New ones join the pool; one that was culled and is bred again comes back with its first pedigree."""
        for m in members:
            row = {
                "id": m.id, "species": m.species, "genes": list(m.genes), "parents": list(m.parents),
                "born_at": m.born_at, "culled_at": None,
            }  # fmt: skip
            bred = insert(StrategyRow).values(row)
            back = bred.on_conflict_do_update(index_elements=["id"], set_={"culled_at": None})
            self._session.execute(back)

    def cull(self, ids: Sequence[str], at: datetime) -> None:
        self._session.execute(update(StrategyRow).where(col(StrategyRow.id).in_(ids)).values(culled_at=at))

    def members(self, *, culled: bool = False) -> list[StrategyRecord]:
        """The pool, oldest first; with `culled` everyone who ever was in it, for pedigrees."""
        asked = select(StrategyRow).order_by(col(StrategyRow.born_at), StrategyRow.id)
        found = self._session.exec(asked if culled else asked.where(col(StrategyRow.culled_at).is_(None)))
        return [
            StrategyRecord(r.id, r.species, tuple(r.genes), tuple(r.parents), r.born_at, r.culled_at) for r in found
        ]

    def keep_scores(self, scores: Sequence[StrategyScore]) -> None:
        fields = ScoreRow.model_fields
        self._session.add_all(ScoreRow(**{name: getattr(s, name) for name in fields}) for s in scores)
        self._session.flush()

    def newest_scores(self, incumbent: str) -> list[StrategyScore]:
        """Of the last tournament against this incumbent, the best lower bound first."""
        last = select(func.max(ScoreRow.at)).where(ScoreRow.incumbent == incumbent).scalar_subquery()
        found = self._session.exec(
            select(ScoreRow)
            .where(ScoreRow.at == last, ScoreRow.incumbent == incumbent)
            .order_by(col(ScoreRow.gain_low).desc(), ScoreRow.member)
        )
        return [StrategyScore(**{name: getattr(row, name) for name in ScoreRow.model_fields}) for row in found]

    def weeks(self) -> int:
        """How many were played so far."""
        return self._session.exec(select(func.count(func.distinct(ScoreRow.at)))).one()

    def places(self, account: AccountId, marketplace: MarketplaceId) -> list[StrategyPlace]:
        """Where each strategy stands here, the widest first; retired ones too."""
        found = self._session.exec(
            select(PlaceRow)
            .where(PlaceRow.account == account, PlaceRow.marketplace == marketplace)
            .order_by(col(PlaceRow.stage).desc(), PlaceRow.member)
        )
        return [_place(row) for row in found]

    def place(self, account: AccountId, marketplace: MarketplaceId, member: str) -> StrategyPlace | None:
        row = self._session.get(PlaceRow, (account, marketplace, member))
        return None if row is None else _place(row)

    def stage_of(self, member: str, place: str) -> int | None:
        """At "<account>/<marketplace>"; whoever is in the pool is in shadow everywhere until told otherwise. None:
        nobody of this id was ever in the pool."""
        row = self._session.get(StrategyRow, member)
        if row is None:
            return None
        account, _, marketplace = place.partition("/")
        standing = self.place(AccountId(account), MarketplaceId(marketplace), member)
        return int(Stage.SHADOW if standing is None else standing.stage)

    def put(self, place: StrategyPlace) -> None:
        """Set one strategy's stage. A new live one takes the place of the former, which goes back to shadow."""
        if place.stage is Stage.LIVE:
            self._session.execute(
                update(PlaceRow)
                .where(
                    col(PlaceRow.account) == place.account,
                    col(PlaceRow.marketplace) == place.marketplace,
                    col(PlaceRow.stage) == int(Stage.LIVE),
                    col(PlaceRow.member) != place.member,
                )
                .values(stage=int(Stage.SHADOW), since=place.since)
            )
        row = {
            "account": place.account, "marketplace": place.marketplace, "member": place.member,
            "stage": int(place.stage), "since": place.since,
        }  # fmt: skip
        new = insert(PlaceRow).values(row)
        key = ["account", "marketplace", "member"]
        self._session.execute(
            new.on_conflict_do_update(
                index_elements=key, set_={"stage": new.excluded.stage, "since": new.excluded.since}
            )
        )


def _place(row: PlaceRow) -> StrategyPlace:
    return StrategyPlace(
        AccountId(row.account), MarketplaceId(row.marketplace), row.member, Stage(row.stage), row.since
    )
