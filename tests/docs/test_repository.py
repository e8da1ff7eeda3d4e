"""What is committed: one version, a lock that pins everything, no place of one machine, no dead link."""

from __future__ import annotations

import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import ecom_agent
from platforms._shared import http

REPO = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# Spelt so that this file does not hold what it looks for.
ONE_MACHINE = re.compile(
    r"(?<![\w.~$}>/])/(?:" + "|".join(("work", "root", "opt/" + "wheels", "opt/" + "pypi")) + r")\b"
)
TEXTS = ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHANGELOG.md"]
DOCUMENTS = [
    *TEXTS,
    *(str(p.relative_to(REPO)) for folder in ("docs", "deploy") for p in (REPO / folder).rglob("*.md")),
]


def test_no_committed_file_names_a_place_of_one_machine() -> None:
    found = [f"{name}: {hit.group()}" for name in _committed() if (hit := ONE_MACHINE.search(_text(name)))]
    assert found == []


def test_the_lock_pins_every_package_that_is_asked_for() -> None:
    pins = _pins()
    asked = [*PROJECT["dependencies"], *(r for extra in PROJECT["optional-dependencies"].values() for r in extra)]
    for requirement in map(Requirement, asked):
        if requirement.name != PROJECT["name"]:
            assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)]), requirement.name


def test_every_package_that_users_install_has_its_place_in_the_decision_about_them() -> None:
    told = canonicalize_name(_text("docs/decisions/0002-packages.md").replace(" ", "-"))
    extras = PROJECT["optional-dependencies"]
    asked = [*PROJECT["dependencies"], *extras["text"], *extras["forecast"], *extras["browser"]]
    assert [r.name for r in map(Requirement, asked) if canonicalize_name(r.name) not in told] == []


def test_the_lock_holds_no_local_version_and_no_place() -> None:
    for line in _lock_lines():
        assert re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][A-Za-z0-9.]*(  # .+)?", line), line


def test_the_newest_entry_of_the_changelog_is_this_version() -> None:
    newest = re.search(r"^## (\S+)", _text("CHANGELOG.md"), re.MULTILINE)
    assert newest is not None
    assert newest.group(1) == PROJECT["version"]
    assert f"ecom-agent/{'.'.join(PROJECT['version'].split('.')[:2])} " in http.USER_AGENT


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_to_a_file_leads_somewhere(document: str) -> None:
    folder = (REPO / document).parent
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", _text(document))
    assert [link for link in links if not (folder / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_that_a_document_names_is_there(document: str) -> None:
    tops = "ecom_agent|flows|platforms|pricing|native_pricer|dashboards|tests|docs|deploy"
    named = set(re.findall(rf"`((?:{tops})/[\w./-]*)`", _text(document)))
    assert sorted(path for path in named if not (REPO / path).exists()) == []


def test_python_finds_the_package_in_this_checkout() -> None:
    assert Path(ecom_agent.__file__).resolve().is_relative_to(REPO)


@cache
def _committed() -> tuple[str, ...]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPO, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout: what is committed cannot be told")
    return tuple(filter(None, listed.stdout.decode().split("\0")))


def _text(name: str) -> str:
    path = REPO / name
    return path.read_text(encoding="utf-8", errors="ignore") if path.is_file() else ""


def _lock_lines() -> list[str]:
    return [line for line in _text("requirements.lock").splitlines() if line and not line.startswith("#")]


def _pins() -> dict[str, str]:
    return {canonicalize_name(name): version.split()[0] for name, version in (x.split("==") for x in _lock_lines())}
