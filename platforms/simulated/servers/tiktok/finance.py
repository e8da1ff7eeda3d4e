"""Daily statements and their transactions."""

from __future__ import annotations

from typing import Any

from platforms.simulated.servers.tiktok import call as codes
from platforms.simulated.servers.tiktok.call import Call, Operation, TikTokRefused
from platforms.simulated.state import CURRENCY
from platforms.simulated.wire import tiktok_goods
from platforms.simulated.wire.tiktok import unix


def _statements(call: Call) -> dict[str, Any]:
    inside = call.window("statement_time", call.query)
    found = [one for one in tiktok_goods.statements(call.channel, call.servers.sim.now()) if inside(unix(one.at))]
    rows, token = call.page(found[::-1] if call.newest_first() else found)
    return {"statements": [tiktok_goods.statement(one) for one in rows], **token}


def _transactions(call: Call) -> dict[str, Any]:
    every = tiktok_goods.statements(call.channel, call.servers.sim.now())
    found = next((one for one in every if one.number == call.path["statement_id"]), None)
    if found is None:
        raise TikTokRefused(codes.NO_THING, "The statement does not exist")
    groups = sorted(found.orders.items(), key=lambda pair: (call.channel.sales[pair[0]].created_at, pair[0]))
    rows, token = call.page(groups[::-1] if call.newest_first() else groups)
    return {
        "id": found.number,
        "create_time": unix(found.at),
        "status": "SETTLED",
        "currency": CURRENCY,
        "total_settlement_amount": tiktok_goods.statement(found)["settlement_amount"],
        "total_count": len(groups),
        "transactions": [tiktok_goods.transaction(call.channel, number, charges) for number, charges in rows],
        **token,
    }


_PATH = "/finance/202501/statements/{statement_id}/statement_transactions"
OPERATIONS: tuple[Operation, ...] = (
    Operation("getStatements", "GET", "/finance/202309/statements", _statements),
    Operation(
        "getTransactionsByStatement",
        "GET",
        _PATH,
        _transactions,
        records=("transactions", "settlement_amount"),
        status=("type",),
    ),
)
