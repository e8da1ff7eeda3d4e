"""The work chats' vectors. What was encrypted must come out as the vector says, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecom_agent.adapters.chatops import dingtalk, feishu, wecom
from ecom_agent.errors import AuthFailed, ParseFailed


def dingtalk_robot(vector: Mapping[str, Any], timestamp: bytes) -> None:
    _same("dingtalk", vector["sign_base64"], dingtalk.sign(vector["secret"], timestamp.decode()))
    query = f"timestamp={timestamp.decode()}&sign={vector['sign_urlencoded']}"
    _same("dingtalk", query, dingtalk.outgoing_query(vector["secret"], timestamp.decode()))


def feishu_robot(vector: Mapping[str, Any], timestamp: bytes) -> None:
    _same("feishu", vector["sign"], feishu.sign_robot(vector["secret"], timestamp.decode()))


def feishu_event(vector: Mapping[str, Any], body: bytes) -> None:
    event = feishu.read(vector["encrypt_key"], vector["headers"], body)
    _came_out(vector["plaintext"], event.body)


def wecom_callback(vector: Mapping[str, Any], encrypt: bytes) -> None:
    """As a message, and as the check of our address: both ways to the same text."""
    query = {name: vector[name] for name in ("timestamp", "nonce", "msg_signature")}
    who = (vector["token"], vector["encoding_aes_key"], vector["receive_id"])
    confirmed = wecom.confirm(*who, {**query, "echostr": encrypt.decode()})
    _came_out(vector["plaintext"], confirmed.body)
    xml = b"<xml><Encrypt><![CDATA[" + encrypt + b"]]></Encrypt></xml>"
    _came_out(vector["plaintext"], wecom.read(*who, query, xml).body)


def _same(platform: str, wanted: str, ours: str) -> None:
    if wanted != ours:
        raise AuthFailed(platform, "sign", "the signature is another one")


def _came_out(wanted: str, plain: bytes) -> None:
    if plain != wanted.encode():
        raise ParseFailed("plaintext", "another text came out")
