"""The vault: what goes in comes out, only here, only by this key; keys are made once and told by no error."""

from __future__ import annotations

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_agent.errors import ConfigError, StoreError
from ecom_agent.security.vault import HEAD, KEY_FILE, Vault, open_vault

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
VAULT = Vault(KEY)
few = settings(max_examples=40, deadline=None)


@few
@given(text=st.text(), place=st.text())
def test_what_is_sealed_opens_at_its_place(text: str, place: str) -> None:
    sealed = VAULT.seal(text, place)
    assert VAULT.open(sealed, place) == text
    assert len(sealed) == 37 + len(text.encode())
    assert sealed[:HEAD] == VAULT.mark
    assert sealed != VAULT.seal(text, place)


@few
@given(text=st.text(min_size=4))
def test_nothing_of_a_text_is_in_its_seal(text: str) -> None:
    assert text.encode() not in VAULT.seal(text, "here")


@few
@given(text=st.text(), here=st.text(), there=st.text())
def test_it_opens_nowhere_else(text: str, here: str, there: str) -> None:
    if here != there:
        with pytest.raises(StoreError, match="altered"):
            VAULT.open(VAULT.seal(text, here), there)


@few
@given(text=st.text(), data=st.data())
def test_one_changed_bit_or_a_lost_end_is_noticed(text: str, data: st.DataObject) -> None:
    sealed = bytearray(VAULT.seal(text, "here"))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ConfigError if bit // 8 < HEAD else StoreError):
        VAULT.open(bytes(sealed), "here")
    whole = VAULT.seal(text, "here")
    with pytest.raises((ConfigError, StoreError)):
        VAULT.open(whole[: data.draw(st.integers(0, len(whole) - 1))], "here")


def test_a_lone_surrogate_does_not_stop_a_message() -> None:
    assert VAULT.open(VAULT.seal("a\ud800b", "here"), "here") == "a?b"


def test_another_key_is_told_by_its_id_and_how_to_mend_it() -> None:
    sealed = Vault(OTHER).seal("words of a buyer", "here")
    with pytest.raises(ConfigError, match=r"ECOM_DATA_KEY.*data\.key") as told:
        VAULT.open(sealed, "here")
    assert Vault(OTHER).key_id.hex() in str(told.value)
    assert VAULT.key_id.hex() in str(told.value)
    assert told.value.__cause__ is None


def test_neither_key_nor_text_is_in_a_repr_or_an_error(tmp_path: Path) -> None:
    text = base64.b64encode(KEY).decode()
    assert repr(open_vault(text, tmp_path)) == f"Vault({VAULT.key_id.hex()})"
    for wrong in (f"{text}!", "c2hvcnQ=", f"{text[:-4]}é"):
        with pytest.raises(ConfigError) as told:
            open_vault(wrong, tmp_path)
        assert wrong not in str(told.value)
        assert text[:8] not in str(told.value)
    assert not (tmp_path / KEY_FILE).exists()


def test_without_a_setting_a_key_is_made_once_for_us_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "deep"
    first = open_vault(None, folder)
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600
    assert [file.name for file in folder.iterdir()] == [KEY_FILE]
    assert open_vault(None, folder).key_id == first.key_id
    assert open_vault((folder / KEY_FILE).read_text(), tmp_path).key_id == first.key_id
    assert open_vault(None, tmp_path).key_id != first.key_id


def test_processes_that_race_for_the_first_key_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda _: open_vault(None, tmp_path).key_id, range(24)))
    assert len(ids) == 1
    assert [file.name for file in tmp_path.iterdir()] == [KEY_FILE]


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    open_vault(None, tmp_path)
    (tmp_path / KEY_FILE).chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        open_vault(None, tmp_path)


def test_a_damaged_key_file_is_named_and_not_replaced(tmp_path: Path) -> None:
    open_vault(None, tmp_path)
    (tmp_path / KEY_FILE).write_text("")
    with pytest.raises(ConfigError, match="wanted 32 bytes"):
        open_vault(None, tmp_path)
    assert (tmp_path / KEY_FILE).read_text() == ""
