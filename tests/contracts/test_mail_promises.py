"""The promises of every connector, kept by mail: the very same tests, with mail servers where others have answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import connector_kit
import pytest
import test_connectors as reading
import test_connectors_refused as refused
from mail_kit import CARE, MailServers, a_mail, mail_servers
from vendor_kit import ACCOUNT, sample

from ecom_agent.clock import FrozenClock, SystemClock
from ecom_agent.connector import Capability
from platforms import registry
from platforms._shared.throttle import Quota

pytestmark = pytest.mark.services
SPEC = registry.spec("mail")


class MailVendor:
    """What `vendor_kit.Vendor` is to a platform over HTTP: a mailbox with a few letters, and what was asked of it."""

    servers: MailServers

    def __init__(self, spec: Any, *_names: str) -> None:
        self.clock = FrozenClock(SystemClock().now())
        self.quota = Quota(self.clock)
        self.account = sample(spec.name, "account")

    @property
    def requests(self) -> list[Any]:
        return self.calls

    @property
    def calls(self) -> list[Any]:
        return self.servers.letters.taken

    def open(self) -> Any:
        return registry.open("mail", ACCOUNT, self.servers.settings(), self.clock, self.quota)


@pytest.fixture(autouse=True)
def _over_mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with mail_servers(tmp_path / "mailbox") as servers:
        ours = a_mail(3, sender=CARE, To="jane@buyer.example", References="<letter-1@buyer.example>", text="Soon.")
        servers.deliver(a_mail(1), a_mail(2, subject="Another"))
        servers.deliver(ours, into="Sent")
        monkeypatch.setattr(MailVendor, "servers", servers, raising=False)
        for module in (connector_kit, reading, refused):
            monkeypatch.setattr(module, "Vendor", MailVendor)
        yield


@pytest.mark.parametrize(
    "promise",
    [
        reading.test_records_are_canonical_and_paging_ends,
        reading.test_a_second_pull_from_the_last_cursor_moves_on,
        reading.test_a_missing_field_is_poison_with_its_name_and_the_page_goes_on,
        refused.test_every_call_has_a_published_rate,
    ],
)
def test_reading(promise: Any) -> None:
    promise(SPEC, "messages")


@pytest.mark.parametrize(
    "promise",
    [refused.test_an_answer_stands_in_its_conversation, refused.test_a_text_that_makes_no_sense_is_never_sent],
)
def test_answering(promise: Any) -> None:
    promise(SPEC)


def test_a_letter_out_comes_back_with_a_receipt() -> None:
    refused.test_a_write_comes_back_with_a_receipt(SPEC, Capability.WRITE_MESSAGE)
