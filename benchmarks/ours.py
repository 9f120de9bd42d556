"""Our side: the import desk and the exports as the worker and the pages run them, without a server."""

from dataclasses import dataclass
from pathlib import Path
from time import monotonic, perf_counter

from django.test import Client
from django.urls import reverse

from backoffice.demo import quiet_queue
from backoffice.imports.services import jobs, steps

PATIENCE = 600  # seconds that a large import may need
BACKEND = "backoffice.people.backend.RoleBackend"


@dataclass(frozen=True)
class Run:
    """One import or export: seconds by phase, and the job as it ended."""

    phases: dict[str, float]
    job: object = None

    @property
    def seconds(self):
        return sum(self.phases.values())


def import_file(shop, path, *, confirm=True):
    """Take a file of products all the way, preview included; returns the Run.

    A file that changes nothing ends with its preview, as it does for a person. Raises when a row is refused.
    """
    phases = {}

    def clocked(phase, step, *args, **values):
        start = perf_counter()
        result = step(*args, **values)
        phases[phase] = phases.get(phase, 0) + perf_counter() - start
        return result

    with quiet_queue():
        job = clocked("open", upload, shop, path)
        clocked("read", steps.read_file, str(job.pk))
        clocked("check", steps.check_rows, str(job.pk))
        job = require(job, "ready")
        if confirm and job.new_rows + job.changed_rows:
            clocked("write", confirm_and_write, job, shop.owner)
            job = require(job, "done")
    return Run(phases, job)


def import_in_background(shop, path):
    """Have the worker import a file; returns a function that confirms it in time and says when it is over."""
    job, deadline = upload(shop, path), monotonic() + PATIENCE

    def is_over():
        now = type(job)._base_manager.get(pk=job.pk)
        if monotonic() > deadline:
            raise TimeoutError(f"The import is still {now.status} after {PATIENCE} seconds.")
        if now.status == "ready":
            jobs.confirm_job(require(now, "ready"), fingerprint=now.report["fingerprint"], by=shop.owner)
        elif not now.is_working:
            require(now, "done")
            return True
        return False

    return is_over


def upload(shop, path):
    with open(path, "rb") as file:
        name = Path(path).name
        return jobs.open_job(shop.business, resource="products", file=file, name=name, by=shop.owner)


def confirm_and_write(job, by):
    jobs.confirm_job(job, fingerprint=job.report["fingerprint"], by=by)
    steps.write_rows(str(job.pk))


def require(job, status):
    """Return the job as it is now; raises when it is not where it should be."""
    job = type(job)._base_manager.get(pk=job.pk)
    if job.status != status or job.refused_rows:
        raise RuntimeError(f"Import {job.status}, not {status}; {job.refused_rows} refused; {job.error}")
    return job


# Exports and the preview go through their pages, because the pages are what must be fast and small.


def signed_in(shop):
    """Return a client that asks for pages as the owner."""
    client = Client()
    client.force_login(shop.owner, backend=BACKEND)
    return client


def export_rows(shop, path, *, search=""):
    """Write the list of products to a file whose ending says which kind; `search` leaves only some rows."""
    client, kind = signed_in(shop), Path(path).suffix
    address = reverse("admin:inventory_product_export") + (f"?q={search}" if search else "")
    start = perf_counter()
    response = client.post(address, {"format": kind[1:]})
    if not response.get("Content-Disposition", "").rstrip('"').endswith(kind):
        raise RuntimeError(f"{address} sent no {kind} file: {response.status_code}")
    with open(path, "wb") as file:
        file.writelines(response if response.streaming else [response.content])
    return Run({"export": perf_counter() - start})


def show_preview(shop, job):
    """Return the seconds that the page of an import needs, and its bytes."""
    client = signed_in(shop)
    address = reverse("admin:imports_importjob_change", args=[job.pk])
    client.get(reverse("admin:index"))  # the first request of a process loads what all need
    start = perf_counter()
    response = client.get(address)
    seconds = perf_counter() - start
    if response.status_code != 200:
        raise RuntimeError(f"{address} answered {response.status_code}")
    return seconds, len(response.content)
