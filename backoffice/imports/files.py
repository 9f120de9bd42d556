"""The files of an import, in the private storage: the upload, its cleaned rows, the refused ones.

Their names follow from the job, so a form can never point at another file.
"""

from contextlib import contextmanager, suppress
from hashlib import file_digest
from tempfile import NamedTemporaryFile
from uuid import UUID

from django.core.files import File
from django.core.files.storage import storages

KINDS = ("file", "rows", "problems", "context", "refused")


def storage():
    return storages["import_export"]


def name_of(job, kind):
    return f"{job.pk}/{kind}"


def keep(job, kind, content):
    """Keep an open file under one of the KINDS, in place of what was there."""
    storage().delete(name_of(job, kind))
    storage().save(name_of(job, kind), File(content))


@contextmanager
def local_path(job, kind):
    """Give the path of a kept file on this machine; raises FileNotFoundError when it is gone."""
    try:
        yield storage().path(name_of(job, kind))
        return
    except NotImplementedError:
        pass  # a storage elsewhere: the file is fetched
    with storage().open(name_of(job, kind)) as kept, NamedTemporaryFile() as copy:
        for part in kept.chunks():
            copy.write(part)
        copy.flush()
        yield copy.name


def digest(job, kind):
    """Return the SHA-256 of a kept file, as hex."""
    with local_path(job, kind) as path, open(path, "rb") as content:
        return file_digest(content, "sha256").hexdigest()


def exists(job, kind):
    return storage().exists(name_of(job, kind))


def drop(job, kinds=KINDS):
    """Delete what is kept of a job."""
    for kind in kinds:
        storage().delete(name_of(job, kind))
    with suppress(OSError):  # something else is still in it
        storage().delete(str(job.pk))


def kept_jobs():
    """Return the keys of the jobs of which something is kept."""
    try:
        folders, _files = storage().listdir("")
    except FileNotFoundError:
        return []  # nothing was ever imported
    return [each for each in folders if is_key(each)]


def is_key(name):
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False
