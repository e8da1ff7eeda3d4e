"""As whom the embedded database runs: ourselves, or, as root, a system user that owns nothing else."""

from __future__ import annotations

import logging
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ecom_agent.errors import StoreError

log = logging.getLogger(__name__)

SYSTEM_USER: Final = "ecom-postgres"


@dataclass(frozen=True, slots=True)
class DbUser:
    """`uid` None = the server runs as ourselves, and there is nothing to hand over."""

    uid: int | None = None
    gid: int | None = None

    def as_arguments(self) -> dict[str, Any]:
        """For `subprocess.run`: whose rights the program gets."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, *paths: Path) -> None:
        """Make the user the owner of these files or folders."""
        if self.uid is not None and self.gid is not None:
            for path in paths:
                os.chown(path, self.uid, self.gid)

    def let_through(self, path: Path) -> None:
        """Let the user pass `path` and the folders above it: the right to enter, not to list or read."""
        if self.uid is None:
            return
        for folder in (path, *path.parents):
            mode = folder.stat().st_mode
            if not mode & stat.S_IXOTH and folder.stat().st_uid != self.uid:
                log.warning("letting the database's user pass a folder", extra={"folder": str(folder)})
                folder.chmod(mode | stat.S_IXOTH)


def db_user(folder: Path) -> DbUser:
    """The user for the cluster in `folder`: the one that has it already, else ours, else (as root) a system user.

    Raises StoreError if we are root and no such user can be made.
    """
    if os.geteuid() != 0:
        return DbUser()
    data = folder / "pgdata"
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return DbUser(owner.st_uid, owner.st_gid)
    for name in ("postgres", SYSTEM_USER):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return DbUser(entry.pw_uid, entry.pw_gid)
    return _create()


def _create() -> DbUser:
    useradd = shutil.which("useradd") or "/usr/sbin/useradd"
    command = [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        entry = pwd.getpwnam(SYSTEM_USER)  # another process may have made it first: what counts is that it is there
    except (OSError, KeyError) as e:
        said = done.stderr.strip() if isinstance(e, KeyError) else str(e)
        raise StoreError(
            f"PostgreSQL does not run as root and the system user {SYSTEM_USER} cannot be made ({said}):"
            " run as an ordinary user, or set ECOM_DATABASE_URL to a server of your own"
        ) from e
    return DbUser(entry.pw_uid, entry.pw_gid)
