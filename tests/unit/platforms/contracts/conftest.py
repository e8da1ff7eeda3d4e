"""A tiny folder of contracts, written here: one vendor per dialect."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from graphql import build_schema, introspection_from_schema

from platforms.simulated.contracts import Contracts

SWAGGER: dict[str, Any] = {
    "swagger": "2.0",
    "basePath": "/",
    "consumes": ["application/json"],
    "paths": {
        "/parcels/{parcelId}": {
            "parameters": [{"name": "parcelId", "in": "path", "required": True, "type": "string", "pattern": "^P"}],
            "get": {
                "operationId": "getParcel",
                "parameters": [
                    {"name": "parts", "in": "query", "type": "array", "items": {"type": "string", "enum": ["A", "B"]}},
                    {"name": "limit", "in": "query", "type": "integer", "minimum": 1},
                    {"name": "since", "in": "query", "type": "string", "format": "date-time"},
                    {"name": "all", "in": "query", "type": "boolean"},
                ],
                "responses": {"200": {"description": "ok"}},
            },
            "put": {
                "operationId": "putParcel",
                "parameters": [
                    {"name": "body", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Parcel"}}
                ],
                "responses": {"200": {"description": "ok"}},
            },
        },
        "/parcels/all": {"get": {"operationId": "getAll", "responses": {"200": {"description": "ok"}}}},
    },
    "definitions": {
        "Parcel": {
            "type": "object",
            "required": ["id"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "integer", "format": "int32"},
                "description": {"type": "string", "x-nullable": True, "enum": ["small", "big"]},
                "inside": {"type": "array", "items": {"$ref": "#/definitions/Parcel"}},
            },
        }
    },
}

OPENAPI: dict[str, Any] = {
    "openapi": "3.0.1",
    "servers": [{"url": "https://api.example.com{base}", "variables": {"base": {"default": "/shop/v1"}}}],
    "security": [{"known": []}],
    "paths": {
        "/feeds?kind=price": {
            "post": {
                "operationId": "priceFeed",
                "parameters": [
                    {"$ref": "#/components/parameters/Trace"},
                    {"name": "filter", "in": "query", "style": "deepObject", "schema": {"type": "object"}},
                ],
                "requestBody": {
                    "required": True,
                    "content": {"application/vnd.feed.v3+json": {"schema": {"$ref": "#/components/schemas/Feed"}}},
                },
                "responses": {"200": {"description": "ok", "content": {"application/vnd.feed.v3+json": {}}}},
            }
        },
        "/open": {"get": {"operationId": "open", "security": [{"undefined": []}], "responses": {}}},
    },
    "components": {
        "securitySchemes": {"known": {"type": "http", "scheme": "bearer"}},
        "parameters": {"Trace": {"name": "X.Trace", "in": "header", "required": True, "schema": {"type": "string"}}},
        "schemas": {
            "Feed": {
                "type": "object",
                "required": ["price"],
                "properties": {
                    "price": {"type": "number", "minimum": 0, "exclusiveMinimum": True},
                    "note": {"type": "string", "nullable": True, "pattern": "^\\p{L}+$"},
                },
            }
        },
    },
}

SDL = """
type Query { item(id: ID!): Item }
type Item { id: ID!, price: String }
input ItemInput { id: ID!, price: String }
type Mutation { put(item: ItemInput!): Item }
"""


@pytest.fixture(scope="session")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> Contracts:
    folder = tmp_path_factory.mktemp("specs")
    for vendor, file, document in (("amazon-sp-api", "models/parcels.json", SWAGGER), ("feeds", "feeds.json", OPENAPI)):
        (folder / vendor / file).parent.mkdir(parents=True)
        (folder / vendor / file).write_text(json.dumps(document))
    (folder / "shopify").mkdir()
    schema = {"data": introspection_from_schema(build_schema(SDL))}
    (folder / "shopify" / "admin_2026-10.json.gz").write_bytes(gzip.compress(json.dumps(schema).encode()))
    return Contracts.load(folder)
