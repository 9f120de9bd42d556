"""What the worker does for an import, one step a task. A step may run twice or too late: it looks first."""

from django_tasks import task


@task(queue_name="imports")
def read_file(job_id):
    """Look at an uploaded file and guess what its columns mean."""
    from backoffice.imports.services.steps import read_file

    read_file(job_id)


@task(queue_name="imports")
def check_rows(job_id):
    """Compare the rows of a file with the database, for the preview."""
    from backoffice.imports.services.steps import check_rows

    check_rows(job_id)


@task(queue_name="imports")
def write_rows(job_id):
    """Write what was confirmed."""
    from backoffice.imports.services.steps import write_rows

    write_rows(job_id)


@task(queue_name="imports")
def undo_rows(job_id):
    """Take back what an import wrote."""
    from backoffice.imports.services.steps import undo_rows

    undo_rows(job_id)
