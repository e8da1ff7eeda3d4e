"""The embedded server: any folder, started and stopped any number of times, killed, its port taken, as any user."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import LiteralString

import psutil
import psycopg
import pytest

from ecom_agent.errors import StoreError
from ecom_agent.runtime.postgres import LOG_FILES, EmbeddedPostgres, postgres

pytestmark = pytest.mark.services


@pytest.fixture
def folder() -> Iterator[Path]:
    """With a space, and short: Debian's /tmp is open to every user, a test's own folder is not."""
    made = Path(tempfile.mkdtemp(prefix="ecom pg "))
    yield made / "data"
    postgres(made / "data").stop()
    shutil.rmtree(made, ignore_errors=True)


def test_it_starts_once_stops_twice_and_keeps_its_data(folder: Path) -> None:
    server = postgres(folder, durable=False).start()
    url, pid = server.url, server.pid
    write(url)
    assert postgres(folder).start().pid == pid
    server.stop()
    server.stop()
    assert server.pid is None
    with pytest.raises(StoreError, match="does not run: start it first"):
        _ = server.url
    with postgres(folder, durable=False) as again:
        assert (again.url, read(again.url)) == (url, 1)


@pytest.mark.parametrize("durable", [True, False])
def test_a_killed_server_comes_back_with_what_was_committed(folder: Path, durable: bool) -> None:
    server = postgres(folder, durable=durable).start()
    write(server.url)
    kill(server)
    assert read(server.start().url) == 1


def test_whoever_commits_waits_for_no_new_file_of_the_log(folder: Path) -> None:
    with postgres(folder) as server:
        laid = log_files(folder)
        ahead = [name for name in laid if name > ask(server.url, "SELECT pg_walfile_name(pg_current_wal_lsn())")]
        assert len(ahead) >= LOG_FILES - 2
        for _ in range(3):
            write(server.url)
            ask(server.url, "SELECT pg_switch_wal()::text")
        assert log_files(folder) == laid
    with postgres(folder):
        assert len(log_files(folder)) <= len(laid)


def test_where_room_is_short_it_starts_without_a_log_laid_ahead(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=1 << 30))
    with postgres(folder) as server:
        write(server.url)
        assert len(log_files(folder)) < LOG_FILES // 2


def test_a_pid_file_whose_number_belongs_to_another_program_is_not_trusted(folder: Path) -> None:
    server = postgres(folder, durable=False).start()
    write(server.url)
    kill(server)
    file = folder / "pgdata" / "postmaster.pid"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert server.pid is None
    assert read(server.start().url) == 1


def test_a_taken_port_is_told(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(StoreError, match=f"port {port} is taken by another program: stop it, or choose another"):
            postgres(folder, port=port).start()


def test_another_port_is_found_where_the_last_one_was_taken_meanwhile(folder: Path) -> None:
    with postgres(folder, durable=False) as server:
        port = int(server.url.split(":")[-1].split("/")[0])
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        assert f":{port}/" not in postgres(folder, durable=False).start().url


def test_a_half_made_cluster_is_made_again(folder: Path) -> None:
    (folder / "pgdata.new" / "base").mkdir(parents=True)
    with postgres(folder, durable=False) as server:
        write(server.url)


def test_a_folder_that_cannot_be_made_is_told(folder: Path) -> None:
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("a file")
    with pytest.raises(StoreError, match="cannot start the embedded database"):
        postgres(folder).start()
    folder.unlink()


def test_its_password_is_in_no_representation(folder: Path) -> None:
    with postgres(folder, durable=False) as server:
        password = server.url.split(":")[2].split("@")[0]
        assert len(password) > 20
        assert password not in repr(server)
        assert (folder / "password").stat().st_mode & 0o077 == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_an_ordinary_user_runs_it_too() -> None:
    made = Path(tempfile.mkdtemp(prefix="ecom pg "))
    os.chown(made, 65534, 65534)
    script = (
        "from pathlib import Path; from ecom_agent.runtime.postgres import postgres; import os\n"
        f"with postgres(Path({str(made / 'data')!r}), durable=False) as server: print(os.getuid(), server.pid > 0)"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, cwd="/", user=65534, group=65534,
            extra_groups=[], env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        )  # fmt: skip
    except PermissionError:
        pytest.skip(f"another user may not run {sys.executable}")
    finally:
        shutil.rmtree(made, ignore_errors=True)
    assert done.stdout.split() == ["65534", "True"], done.stderr


def write(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS t (a int)")
        connection.execute("INSERT INTO t VALUES (1)")


def log_files(folder: Path) -> list[str]:
    return sorted(file.name for file in (folder / "pgdata" / "pg_wal").iterdir() if file.is_file())


def read(url: str) -> int:
    return int(ask(url, "SELECT count(*)::text FROM t"))


def ask(url: str, question: LiteralString) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return str(row[0])


def kill(server: EmbeddedPostgres) -> None:
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=10)
