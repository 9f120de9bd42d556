"""A disk with no room left: a tiny one of memory, which PostgreSQL keeps the deliveries on for a while."""

import os
import shutil
import subprocess
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

SIZE = "4m"
BLOCK = b"\0" * 4096


def can_mount():
    """Say whether this process may make a disk; it must be root, outside of most containers."""
    return os.getuid() == 0 and shutil.which("mount") is not None


@contextmanager
def full_disk(line):
    """Keep the table of deliveries on a full disk; `line` is a connection that commits by itself."""
    with tiny_disk() as disk, closing(line.cursor()) as cursor:
        shutil.chown(disk, "postgres", "postgres")
        cursor.execute("CREATE TABLESPACE drill LOCATION %s", [str(disk)])
        cursor.execute("ALTER TABLE payments_webhookevent SET TABLESPACE drill")
        ballast = disk / "ballast"
        fill(ballast)
        try:
            yield
        finally:
            ballast.unlink()
            cursor.execute("ALTER TABLE payments_webhookevent SET TABLESPACE pg_default")
            cursor.execute("DROP TABLESPACE drill")


@contextmanager
def tiny_disk():
    folder = Path(mkdtemp(prefix="drill-disk-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)
        folder.rmdir()


def fill(path):
    """Write until there is no room."""
    with suppress(OSError), open(path, "wb", buffering=0) as file:
        while True:
            file.write(BLOCK)
