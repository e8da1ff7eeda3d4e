"""A new kind of Action is not there until sending, reading back and taking back all know it."""

import pytest

from ecom_agent.actions.door import WRITES
from ecom_agent.actions.model import Kind
from ecom_agent.actions.undo import INVERSE
from ecom_agent.actions.verify import MATCHES, READS
from ecom_agent.store.guard_facts import LEARN


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(
    "table", [WRITES, READS, MATCHES, INVERSE, LEARN], ids=["send", "read", "match", "undo", "learn"]
)
def test_every_kind_is_known_everywhere(kind, table):
    assert kind in table
