"""The simulator as a process of its own: ready line, real sockets, boto3, kill -9, taken port, dropped answers."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from platforms.simulated import credentials as demo
from platforms.simulated.opening import SELLER_ID
from platforms.simulated.wire.offers import MARKETPLACE

pytestmark = pytest.mark.services

REPO = Path(__file__).resolve().parents[2]


def start(folder: Path, *more: str) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "platforms.simulated", "--data-dir", str(folder), "--seed", "7"]
    process = subprocess.Popen(
        [*command, "--start", "2026-11-02T14:00:00Z", *more], cwd=REPO, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    said = json.loads(process.stdout.readline())
    assert said["ready"]
    return process, said["url"]


@contextlib.contextmanager
def running(folder: Path, *more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process, url = start(folder, *more)
    try:
        yield process, url
    finally:
        process.kill()
        process.wait()


def advance(url: str, to: str) -> None:
    httpx.post(f"{url}/_sim/advance", json={"to": to}).raise_for_status()


def patch(url: str, price: float) -> httpx.Response:
    form = {"grant_type": "refresh_token", "refresh_token": demo.REFRESH_TOKEN}
    form |= {"client_id": demo.CLIENT_ID, "client_secret": demo.CLIENT_SECRET}
    token = httpx.post(f"{url}/lwa/auth/o2/token", data=form).json()["access_token"]
    schedule = [{"schedule": [{"value_with_tax": price}]}]
    value = [{"currency": "USD", "marketplace_id": MARKETPLACE, "our_price": schedule}]
    body = {
        "productType": "PRODUCT",
        "patches": [{"op": "replace", "path": "/attributes/purchasable_offer", "value": value}],
    }
    return httpx.patch(
        f"{url}/sp-api/listings/2021-08-01/items/{SELLER_ID}/MUG-STONE-12",
        params={"marketplaceIds": MARKETPLACE},
        headers={"x-amz-access-token": token},
        json=body,
    )


def queue(url: str) -> tuple[Any, str]:
    client = boto3.client(
        "sqs",
        endpoint_url=f"{url}/sqs",
        region_name=demo.AWS_REGION,
        aws_access_key_id=demo.AWS_KEY_ID,
        aws_secret_access_key=demo.AWS_SECRET,
    )
    return client, client.get_queue_url(QueueName=demo.QUEUE)["QueueUrl"]


def test_killed_at_any_moment_it_remembers_what_it_said(tmp_path: Path):
    with running(tmp_path) as (process, url):
        advance(url, "2026-11-02T14:40:00Z")
        assert patch(url, 33.5).json()["status"] == "ACCEPTED"
        client, address = queue(url)
        client.send_message(QueueUrl=address, MessageBody="kept")
        before = httpx.get(f"{url}/_sim/truth").json()
        process.send_signal(signal.SIGKILL)
        process.wait()
    with running(tmp_path) as (_, url):
        assert httpx.get(f"{url}/_sim/truth").json() == before
        client, address = queue(url)
        [message] = client.receive_message(QueueUrl=address, WaitTimeSeconds=1)["Messages"]
        assert message["Body"] == "kept"
        client.delete_message(QueueUrl=address, ReceiptHandle=message["ReceiptHandle"])
        assert "Messages" not in client.receive_message(QueueUrl=address)


def test_boto3_speaks_to_the_queue(tmp_path: Path):
    with running(tmp_path) as (_, url):
        client, address = queue(url)
        assert client.create_queue(QueueName=demo.QUEUE)["QueueUrl"] == address
        rows = [{"Id": str(n), "MessageBody": f"m{n}"} for n in range(3)]
        assert len(client.send_message_batch(QueueUrl=address, Entries=rows)["Successful"]) == 3
        told = client.get_queue_attributes(QueueUrl=address, AttributeNames=["All"])["Attributes"]
        assert told["ApproximateNumberOfMessages"] == "3"
        got = client.receive_message(QueueUrl=address, MaxNumberOfMessages=10, AttributeNames=["All"])["Messages"]
        assert {message["Body"] for message in got} == {"m0", "m1", "m2"}
        handles = [{"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]} for n, message in enumerate(got)]
        client.change_message_visibility(
            QueueUrl=address, ReceiptHandle=handles[0]["ReceiptHandle"], VisibilityTimeout=0
        )
        assert len(client.receive_message(QueueUrl=address, MaxNumberOfMessages=10)["Messages"]) == 1
        assert len(client.delete_message_batch(QueueUrl=address, Entries=handles)["Successful"]) == 3
        client.purge_queue(QueueUrl=address)
        with pytest.raises(client.exceptions.QueueDoesNotExist):
            client.get_queue_url(QueueName="other")


def test_a_dropped_answer_is_a_broken_connection_after_the_write(tmp_path: Path):
    with running(tmp_path, "--faults", "timeout_after_write=1") as (_, url):
        with pytest.raises(httpx.TransportError):
            patch(url, 33.5)
        assert len(httpx.get(f"{url}/_sim/truth").json()["price_writes"]) == 1


def test_it_stops_cleanly_when_asked(tmp_path: Path):
    process, url = start(tmp_path)
    advance(url, "2026-11-02T15:00:00Z")
    process.terminate()
    assert process.wait(timeout=20) == 0
    assert (tmp_path / "snapshot.pickle").exists()


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (["--faults", "nonsense"], "use none, mild, all"),
        (["--start", "someday"], "ISO 8601"),
        (["--port", "{taken}"], "cannot listen"),
    ],
)
def test_what_cannot_start_says_why(tmp_path: Path, more: list[str], reason: str):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        more = [text.format(taken=taken.getsockname()[1]) for text in more]
        command = [sys.executable, "-m", "platforms.simulated", "--data-dir", str(tmp_path / "world"), *more]
        done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, timeout=60, env=dict(os.environ))
    assert done.returncode == 2
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
