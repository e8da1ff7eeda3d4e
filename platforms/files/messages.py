"""Message files to messages. What was said, and who the buyer is, goes into the record and nowhere else."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from ecom_agent.errors import ParseFailed
from ecom_agent.ids import AccountId, MarketplaceId, OrderId
from ecom_agent.records.messages import Message
from platforms.files.mapping_kinds import MessageMapping
from platforms.files.rows import Row, only


class MessageReader:
    operation, private = "messages file", ("text", "buyer", "direction")

    def __init__(self, mapping: MessageMapping, account: AccountId) -> None:
        self._mapping, self._account = mapping, account

    def id_of(self, row: Row) -> str:
        return row.digest() if self._mapping.columns.message_id is None else row.needed("message_id")

    def record(self, id: str, rows: Sequence[Row]) -> Message:
        """Its errors hold no cell: in a file whose columns are shifted, any of them could be what was said."""
        row = only(rows)
        try:
            sent_at = row.moment("sent_at")
        except ParseFailed as error:
            raise ParseFailed(error.path, error.reason.partition("; found")[0]) from None
        order, buyer = row.text("order_id"), row.text("buyer")
        return Message(
            account=self._account,
            marketplace=MarketplaceId(self._mapping.marketplace),
            message_id=id,
            conversation_id=self._conversation(row, id, order, buyer),
            from_buyer=self._from_buyer(row),
            sent_at=sent_at,
            text=row.needed("text"),
            buyer=buyer,
            order_id=None if order is None else OrderId(order),
            listing_id=row.text("listing_id"),
        )

    def _conversation(self, row: Row, id: str, order: str | None, buyer: str | None) -> str:
        """A buyer's name or address must not be the name of a thread: that one is shown. Its digest is."""
        if self._mapping.columns.conversation_id is not None:
            return row.needed("conversation_id")
        return order or (id if buyer is None else hashlib.sha256(buyer.encode("utf-8", "replace")).hexdigest()[:32])

    def _from_buyer(self, row: Row) -> bool:
        said = row.needed("direction")
        if said in self._mapping.from_buyer:
            return True
        if said in self._mapping.from_us:
            return False
        wanted = ", ".join((*self._mapping.from_buyer, *self._mapping.from_us))
        raise ParseFailed(row.column("direction"), f"wanted one of {wanted}; found another word")
