"""Who may import whom: the contracts of pyproject.toml hold, and every top package is under them."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]


def test_the_import_contracts_are_kept() -> None:
    ran = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=REPO,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_package_that_is_shipped_is_under_the_contracts_and_the_types() -> None:
    project = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))
    shipped = {name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    folders = {path.parent.name for path in REPO.glob("*/__init__.py")} - {"tests"}
    assert shipped == folders
    assert shipped == set(project["tool"]["importlinter"]["root_packages"])
    assert shipped == set(project["tool"]["mypy"]["packages"])
