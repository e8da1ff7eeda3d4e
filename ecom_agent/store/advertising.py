"""What is advertised: campaigns, ad groups, ads, targets. What the platform changed later wins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlmodel import Field, Session, SQLModel, col, select, update

from ecom_agent.ids import AccountId, MarketplaceId, Sku
from ecom_agent.money import Money
from ecom_agent.records.advertising import (
    AdGroup,
    AdRecord,
    AdState,
    Campaign,
    Match,
    PaysFor,
    ProductAd,
    Target,
    TargetKind,
)
from ecom_agent.store import bulk
from ecom_agent.store.bulk import Row, Written, as_text, newest
from ecom_agent.store.columns import CURRENCY, MINOR, WHEN, minor, money

_TAIL: Final = ("state", "state_raw", "updated_at")


class _Shared(SQLModel):
    """The columns that all four have."""

    account: str = Field(primary_key=True)
    marketplace: str
    campaign_id: str
    state: str
    state_raw: str
    updated_at: datetime | None = Field(sa_type=WHEN, description="the platform's; None = it does not tell")
    version_at: datetime = Field(sa_type=WHEN, description="updated_at, else seen_at: which of two rows is newer")
    seen_at: datetime = Field(sa_type=WHEN)


class CampaignRow(_Shared, table=True):
    __tablename__ = "ad_campaign"
    campaign_id: str = Field(primary_key=True)
    name: str
    pays_for: str
    budget_minor: int | None = Field(sa_type=MINOR)
    currency: str | None = Field(sa_type=CURRENCY)
    starts_on: date | None
    ends_on: date | None


class AdGroupRow(_Shared, table=True):
    __tablename__ = "ad_group"
    ad_group_id: str = Field(primary_key=True)
    name: str
    bid_minor: int | None = Field(sa_type=MINOR)
    currency: str | None = Field(sa_type=CURRENCY)


class ProductAdRow(_Shared, table=True):
    __tablename__ = "product_ad"
    ad_id: str = Field(primary_key=True)
    ad_group_id: str | None
    sku: str | None
    external_id: str | None
    rate: Decimal | None


class TargetRow(_Shared, table=True):
    __tablename__ = "ad_target"
    target_id: str = Field(primary_key=True)
    ad_group_id: str | None
    kind: str
    text: str
    match: str | None
    negative: bool
    bid_minor: int | None = Field(sa_type=MINOR)
    currency: str | None = Field(sa_type=CURRENCY)


def _table(name: str, key: str, *content: str) -> bulk.Target:
    campaign = () if key == "campaign_id" else ("campaign_id",)
    return bulk.Target(
        name,
        key=("account", key),
        version="version_at",
        content=("marketplace", *campaign, *content, *_TAIL),
        seen="seen_at",
    )


_TABLES: Final[Mapping[type, bulk.Target]] = {
    Campaign: _table(
        "ad_campaign", "campaign_id", "name", "pays_for", "budget_minor", "currency", "starts_on", "ends_on"
    ),
    AdGroup: _table("ad_group", "ad_group_id", "name", "bid_minor", "currency"),
    ProductAd: _table("product_ad", "ad_id", "ad_group_id", "sku", "external_id", "rate"),
    Target: _table(
        "ad_target",
        "target_id",
        *("ad_group_id", "kind", "text", "match", "negative", "bid_minor", "currency"),
    ),
}


class AdvertisingStore:
    """Never commits: the caller's unit of work does, once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def upsert(self, records: Sequence[AdRecord]) -> Written:
        """Write records of one type that are newer than what stands, or show something else at the same version."""
        if not records:
            return Written(0, 0)
        table = _TABLES[type(records[0])]
        unique = newest(records, lambda x: (x.account, _id(x)), _version)
        done = bulk.upsert(self._session, table, as_text([_row(x) for x in unique]))
        return Written(done.written, len(records) - done.written)

    def campaigns(self, account: AccountId) -> Sequence[Campaign]:
        found = select(CampaignRow).where(CampaignRow.account == account).order_by(CampaignRow.campaign_id)
        return [_campaign(row) for row in self._session.exec(found)]

    def ad_groups(self, account: AccountId) -> Sequence[AdGroup]:
        found = select(AdGroupRow).where(AdGroupRow.account == account).order_by(AdGroupRow.ad_group_id)
        return [_ad_group(row) for row in self._session.exec(found)]

    def product_ads(self, account: AccountId) -> Sequence[ProductAd]:
        found = select(ProductAdRow).where(ProductAdRow.account == account).order_by(ProductAdRow.ad_id)
        return [_product_ad(row) for row in self._session.exec(found)]

    def targets(self, account: AccountId) -> Sequence[Target]:
        """Keywords, products and what is refused, ended ones included."""
        found = select(TargetRow).where(TargetRow.account == account).order_by(TargetRow.target_id)
        return [_target(row) for row in self._session.exec(found)]

    def target(self, account: AccountId, target_id: str) -> Target | None:
        row = self._session.get(TargetRow, (account, target_id))
        return None if row is None else _target(row)

    def saw_bid(self, account: AccountId, target_id: str, bid: Money, *, seen_at: datetime) -> None:
        """A bid read back at the platform; does nothing where something later was seen already."""
        self._session.execute(
            update(TargetRow)
            .where(
                col(TargetRow.account) == account,
                col(TargetRow.target_id) == target_id,
                col(TargetRow.seen_at) <= seen_at,
            )
            .values(bid_minor=bid.minor, currency=bid.currency, seen_at=seen_at)
        )


def _id(one: AdRecord) -> str:
    match one:
        case Campaign():
            return one.campaign_id
        case AdGroup():
            return one.ad_group_id
        case ProductAd():
            return one.ad_id
        case Target():
            return one.target_id


def _version(one: AdRecord) -> datetime:
    return one.updated_at or one.seen_at


def _row(one: AdRecord) -> Row:
    content = _CONTENT[type(one)](one)
    campaign = () if isinstance(one, Campaign) else (one.campaign_id,)
    return (
        one.account, _id(one), _version(one), one.marketplace, *campaign, *content,
        one.state.value, one.state_raw, one.updated_at, one.seen_at,
    )  # fmt: skip


def _two(amount: Money | None) -> tuple[int | None, str | None]:
    return minor(amount), None if amount is None else amount.currency


def _told(value: Any) -> str | None:
    return None if value is None else str(value)


_CONTENT: Final[Mapping[type, Callable[[Any], Row]]] = {
    Campaign: lambda x: (
        x.name, x.pays_for.value, *_two(x.daily_budget), _told(x.starts_on), _told(x.ends_on),
    ),
    AdGroup: lambda x: (x.name, *_two(x.default_bid)),
    ProductAd: lambda x: (x.ad_group_id, x.sku, x.external_id, _told(x.rate)),
    Target: lambda x: (
        x.ad_group_id, x.kind.value, x.text, None if x.match is None else x.match.value, x.negative, *_two(x.bid),
    ),
}  # fmt: skip


def _state(row: _Shared) -> dict[str, Any]:
    return {
        "account": AccountId(row.account),
        "marketplace": MarketplaceId(row.marketplace),
        "campaign_id": row.campaign_id,
        "state": AdState(row.state),
        "state_raw": row.state_raw,
        "updated_at": row.updated_at,
        "seen_at": row.seen_at,
    }


def _campaign(row: CampaignRow) -> Campaign:
    return Campaign(
        name=row.name,
        pays_for=PaysFor(row.pays_for),
        daily_budget=money(row.budget_minor, row.currency),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        **_state(row),
    )


def _ad_group(row: AdGroupRow) -> AdGroup:
    return AdGroup(
        ad_group_id=row.ad_group_id, name=row.name, default_bid=money(row.bid_minor, row.currency), **_state(row)
    )


def _product_ad(row: ProductAdRow) -> ProductAd:
    return ProductAd(
        ad_id=row.ad_id,
        ad_group_id=row.ad_group_id,
        sku=None if row.sku is None else Sku(row.sku),
        external_id=row.external_id,
        rate=row.rate,
        **_state(row),
    )


def _target(row: TargetRow) -> Target:
    return Target(
        target_id=row.target_id,
        ad_group_id=row.ad_group_id,
        kind=TargetKind(row.kind),
        text=row.text,
        match=None if row.match is None else Match(row.match),
        negative=row.negative,
        bid=money(row.bid_minor, row.currency),
        **_state(row),
    )
