"""Requests against contracts of both dialects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ecom_agent.errors import BadInput
from platforms.simulated.contracts import Contracts, Problem

TOKEN = {"x-amz-access-token": "t"}
FEED = {"Authorization": "Bearer t", "X.Trace": "1", "Content-Type": "application/vnd.feed.v3+json; charset=utf-8"}
Query = dict[str, str]


def parcels(
    contracts: Contracts,
    method: str = "GET",
    path: str = "/parcels/P1",
    query: Query | None = None,
    headers: dict[str, str] = TOKEN,
    body: Any = None,
) -> list[tuple[str, int]]:
    found = contracts.check_request("amazon-sp-api", method, path, query or {}, headers, body)
    return [(problem.where, problem.status) for problem in found]


def feed(contracts: Contracts, query: Query, headers: dict[str, str], body: Any) -> list[Problem]:
    return contracts.check_request("feeds", "POST", "/shop/v1/feeds", query, headers, body)


def test_what_agrees_gives_no_problem(contracts: Contracts) -> None:
    query = {"parts": "A,B", "limit": "3", "since": "2026-11-01T00:00:00Z", "all": "true"}
    assert parcels(contracts, query=query) == []
    body = {"id": 1, "description": None, "inside": [{"id": 2, "description": "big"}]}
    assert parcels(contracts, "put", headers={**TOKEN, "Content-Type": "application/json"}, body=body) == []


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({"parts": "A,C"}, "query.parts[1]"),
        ({"limit": "three"}, "query.limit"),
        ({"limit": "0"}, "query.limit"),
        ({"since": "yesterday"}, "query.since"),
        ({"since": "2026-02-30T00:00:00Z"}, "query.since"),
        ({"since": "2026-02-03T00:00:00"}, "query.since"),
        ({"all": "maybe"}, "query.all"),
        ({"colour": "red"}, "query.colour"),
    ],
)
def test_a_wrong_query_is_named(contracts: Contracts, query: Query, where: str) -> None:
    assert parcels(contracts, query=query) == [(where, 400)]


def test_paths_and_methods(contracts: Contracts) -> None:
    assert parcels(contracts, path="/boxes/1") == [("path", 404)]
    assert parcels(contracts, "DELETE") == [("method", 405)]
    assert parcels(contracts, path="/parcels/Q1") == [("path.parcelId", 400)]
    assert parcels(contracts, path="/parcels/P%2F1") == []


def test_a_fixed_path_goes_before_a_variable_one(contracts: Contracts) -> None:
    found = contracts.operation("amazon-sp-api", "GET", "/parcels/all")
    assert found is not None
    assert (found.operation_id, found.spec) == ("getAll", "models/parcels.json")
    assert contracts.operation("amazon-sp-api", "GET", "/nowhere") is None


def test_amazon_asks_for_its_token_although_no_file_says_so(contracts: Contracts) -> None:
    assert parcels(contracts, headers={}) == [("header.x-amz-access-token", 403)]


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (None, "body"),
        ({}, "body"),
        ({"id": "1"}, "body.id"),
        ({"id": 1 << 40}, "body.id"),
        ({"id": 1, "colour": 1}, "body"),
        ({"id": 1, "inside": [{"id": 2}, {"id": None}]}, "body.inside[1].id"),
        ({"id": 1, "description": "huge"}, "body.description"),
    ],
)
def test_a_wrong_body_is_named(contracts: Contracts, body: Any, where: str) -> None:
    assert parcels(contracts, "PUT", headers={**TOKEN, "Content-Type": "application/json"}, body=body) == [(where, 400)]


def test_the_media_type_is_part_of_the_contract(contracts: Contracts) -> None:
    price = {"kind": "price"}
    assert feed(contracts, price, FEED, {"price": 0.5, "note": "é1", "more": 1}) == []
    plain = feed(contracts, price, {**FEED, "Content-Type": "application/json"}, {"price": 1})
    assert [(p.where, p.status) for p in plain] == [("header.Content-Type", 415)]
    accept = feed(contracts, price, {**FEED, "Accept": "application/json"}, {"price": 1})
    assert [(p.where, p.status) for p in accept] == [("header.Accept", 406)]
    assert feed(contracts, price, {**FEED, "accept": "text/html, application/*;q=0.5"}, {"price": 1}) == []


def test_base_path_fixed_query_and_named_headers(contracts: Contracts) -> None:
    assert contracts.check_request("feeds", "POST", "/feeds", {"kind": "price"}, FEED, {"price": 1}) == []
    assert [p.where for p in feed(contracts, {"kind": "stock"}, FEED, {"price": 1})] == ["path"]
    assert feed(contracts, {"kind": "price", "filter[a]": "1"}, FEED, {"price": 1}) == []
    missing = feed(contracts, {"kind": "price"}, {"Content-Type": FEED["Content-Type"]}, {"price": 0})
    assert [(p.where, p.status) for p in missing] == [
        ("header.Authorization", 401),
        ("header.X.Trace", 400),
        ("body.price", 400),
    ]


def test_a_security_scheme_that_is_not_defined_asks_for_nothing(contracts: Contracts) -> None:
    assert contracts.check_request("feeds", "GET", "/open", {}, {}, None) == []


def test_a_folder_or_vendor_that_is_not_there(contracts: Contracts, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="contract files"):
        Contracts.load(tmp_path / "nowhere")
    with pytest.raises(BadInput, match="contract files of etsy"):
        contracts.check_request("etsy", "GET", "/", {}, {}, None)
    assert contracts.has("feeds")
    assert not contracts.has("etsy")
