"""Builds the engine with AddressSanitizer and UndefinedBehaviorSanitizer in a folder of its own, and loads it.

The normal extension is not touched. Python's own allocator is switched off for the run (PYTHONMALLOC=malloc), so that
every bytes object is a block of its own: a read behind its closing NUL is seen.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLAGS = ("-O1", "-g", "-fno-omit-frame-pointer", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
FLAGS += ("-fno-wrapv",)  # so that a signed overflow is undefined, and seen
MODULE = "native_pricer._engine"


class CannotBuild(Exception):
    """No compiler here that has the sanitizers; the text says which step failed."""


def build(sources: Path, folder: Path, extra: tuple[str, ...] = ()) -> Path:
    """Compile `sources`/_engine.pyx into `folder` unless nothing changed; the extension's path. Raises CannotBuild."""
    folder.mkdir(parents=True, exist_ok=True)
    code, built = folder / "_engine.c", folder / f"_engine{sysconfig.get_config_var('EXT_SUFFIX')}"
    newest = max(path.stat().st_mtime for path in (*sources.rglob("*.p[yx]*"), Path(__file__)))
    if built.exists() and built.stat().st_mtime > newest:
        return built
    _run([sys.executable, "-m", "cython", "-3", "-o", str(code), str(sources / "_engine.pyx")], "Cython")
    include = f"-I{sysconfig.get_paths()['include']}"
    _run([*_compiler(), "-shared", "-fPIC", *FLAGS, *extra, include, str(code), "-o", str(built)], "the C compiler")
    return built


def environment() -> dict[str, str]:
    """For a Python that is to load the sanitized extension: the sanitizers have to be there first."""
    libraries = [_library(name) for name in ("libasan.so", "libubsan.so")]
    return {
        **os.environ,
        "LD_PRELOAD": " ".join(libraries),
        "PYTHONMALLOC": "malloc",
        "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1",  # Python keeps much until its end
        "UBSAN_OPTIONS": "print_stacktrace=1",
    }


def load(extension: Path) -> None:
    """Let `native_pricer._engine` be this file. Before anything imports it."""
    spec = importlib.util.spec_from_file_location(MODULE, extension)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[MODULE] = module
    spec.loader.exec_module(module)


def _compiler() -> list[str]:
    return shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")[:1]


def _library(name: str) -> str:
    found = subprocess.run([*_compiler(), f"-print-file-name={name}"], capture_output=True, text=True, check=True)
    path = found.stdout.strip()
    if not os.path.isabs(path):
        raise CannotBuild(f"the compiler has no {name}: install GCC with its sanitizers")
    return path


def _run(command: list[str], what: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError as e:
        raise CannotBuild(f"{what}: {e}") from e
    if done.returncode:
        raise CannotBuild(f"{what} failed:\n{done.stderr[-3000:]}")
