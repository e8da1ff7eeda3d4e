"""Import a file: look at what it would do, then do it. Nothing is written before the second step."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from dashboards.parts import NONE, attempt, heading, nothing, plain, safely
from dashboards.session import app, person
from ecom_agent.errors import EcomError
from ecom_agent.records.imports import FilePreview

OWN = "a mapping of my own"
FORMATS = ["csv", "jsonl", "parquet", "xlsx", "gz"]
HINTS = {
    "orders": "Orders go into the sales that forecasts, charts and sums are made of.",
    "reviews": "Reviews of your own products and of others'. Who wrote them is not read.",
    "messages": "What buyers wrote and what was answered. Texts and buyers' ids are stored sealed.",
    "costs": "What a unit costs: it goes into the limits of listings that are known, and floors rest on it.",
}


class Asked(NamedTuple):
    """One import: the file, how to read it, into which account (None = the mapping's own)."""

    kind: str
    name: str
    data: bytes
    mapping: str
    own: bytes | None
    account: str | None

    def key(self) -> str:
        """Tells whether a preview is of this very import."""
        parts = (self.kind, self.name, self.mapping, self.account or "", self.own or b"", self.data)
        told = [part if isinstance(part, bytes) else part.encode() for part in parts]
        return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in told)).hexdigest()


@contextmanager
def on_disk(asked: Asked) -> Iterator[tuple[Path, str]]:
    """The uploaded file and its mapping as the App takes them; gone again afterwards."""
    with TemporaryDirectory(prefix="ecom-import-") as folder:
        path = Path(folder) / Path(asked.name).name
        path.write_bytes(asked.data)
        mapping = asked.mapping
        if asked.own is not None:
            own = Path(folder) / f"{Path(asked.mapping).stem}.yaml"
            own.write_bytes(asked.own)
            mapping = str(own)
        yield path, mapping


def form() -> Asked | None:
    """What is to be imported; None while something is missing."""
    shipped = app().file_mappings()
    kind = st.segmented_control("What the file holds", list(shipped), default="orders", key="import-kind") or "orders"
    st.caption(HINTS.get(kind, ""))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        mapping = st.selectbox("How its columns are read", [*shipped[kind], OWN], key=f"mapping-{kind}")
        account = st.text_input("Into account", placeholder="as the mapping says", key="import-account").strip() or None
    own = None
    if mapping == OWN:
        own = st.file_uploader("Mapping", type=["yaml", "yml"], key="import-mapping")
        st.caption("What a mapping holds is told in platforms/files/README.md; the shipped ones are beside it.")
    file = st.file_uploader("File", type=FORMATS, key="import-file")
    if file is None or (mapping == OWN and own is None):
        return None
    named = mapping if own is None else own.name
    return Asked(kind, file.name, file.getvalue(), named, None if own is None else own.getvalue(), account)


def working(label: str, work: Callable[[Callable[[str], None]], Any]) -> Any:
    """Run something long; it says how far it is."""
    with st.status(label) as status:
        done = work(lambda line: status.update(label=plain(line)))
        status.update(label=f"{label} done", state="complete")
    return done


def look(asked: Asked) -> FilePreview:
    with on_disk(asked) as (path, mapping):
        found: FilePreview = working(
            "Looking",
            lambda tell: app().preview_file(asked.kind, path, mapping, account=asked.account, progress=tell),
        )
    return found


def bring_in(asked: Asked) -> str:
    with on_disk(asked) as (path, mapping):
        done = working(
            "Importing",
            lambda tell: app().backfill_file(
                asked.kind, path, mapping, account=asked.account, check=False, progress=tell, by=person()
            ),
        )
    aside = done.get("quarantined", 0)
    told = f"{done['written']:,} {asked.kind} written, {done['unchanged']:,} unchanged"
    return f"{told}, {aside:,} set aside: see Health" if aside else told


def shown(found: FilePreview) -> None:
    counts = {
        "Read": found.fetched,
        "New": found.new,
        "Changed": found.changed,
        "Unchanged": found.unchanged,
        "Set aside": found.quarantined,
    }
    for column, (label, value) in zip(st.columns(len(counts)), counts.items(), strict=True):
        column.metric(label, f"{value:,}")
    if found.already:
        st.info("This file was imported with this mapping before: doing it again changes nothing.")
    if found.sample:
        st.markdown(f"As they would be stored in account **{plain(found.account)}**, the first of them:")
        rows = pd.DataFrame(found.sample).dropna(axis="columns", how="all").fillna(NONE)
        st.dataframe(rows, hide_index=True)
    if found.refused:
        st.markdown(f"Set aside would be {found.quarantined:,}, the first of them:")
        refused = [(name or NONE, why) for name, why in found.refused]
        st.dataframe(pd.DataFrame(refused, columns=["Which", "Why"]), hide_index=True)


@safely
def show() -> None:
    heading("Import", "Orders, reviews, messages and costs from files: first a look at what would happen.")
    asked = form()
    if asked is None:
        nothing("Nothing chosen yet. What a file would do is shown first; nothing is written until you say so.")
        return
    kept = st.session_state.get("import-preview")
    if st.button("Preview", icon=":material/search:", key="import-look"):
        try:
            kept = asked.key(), look(asked)
        except EcomError as e:
            st.session_state.pop("import-preview", None)
            st.error(plain(str(e)), icon=":material/block:")
            return
        st.session_state["import-preview"] = kept
    if kept is None or kept[0] != asked.key():
        nothing("Press Preview: the whole file is read, and nothing is kept of it.")
        return
    found: FilePreview = kept[1]
    shown(found)
    changes = found.new + found.changed + found.quarantined
    go = st.button("Import", type="primary", icon=":material/upload:", key="import-go", disabled=not changes)
    if go and attempt(str, lambda: bring_in(asked)):
        st.session_state.pop("import-preview", None)
        st.rerun()


show()
