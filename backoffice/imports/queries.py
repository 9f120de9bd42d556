"""Questions about imports that pages ask: what a person may import and where, and what waits for him."""

from backoffice.errors import RuleBroken
from backoffice.imports.models import ImportJob, ImportStatus
from backoffice.imports.resource import import_resources, resource_class
from backoffice.people.backend import businesses_with
from backoffice.people.models import Business

WAITING = (ImportStatus.COLUMNS, ImportStatus.READY)


def importable(user):
    """Return the ImportResource classes of which the person may load spreadsheets somewhere in the scope."""
    return [each for each in import_resources().values() if businesses_with(user, each.permission)]


def businesses_to_import(user, resource):
    """Return the businesses of the scope into which the person may load this kind of row."""
    return Business.objects.filter(pk__in=businesses_with(user, resource.permission))


def resource_of(job):
    """Return the class of a job's resource, or None when the office no longer knows it."""
    try:
        return resource_class(job.resource)
    except RuleBroken:
        return None


def may_import(user, job):
    """Whether the person may load this kind of row into the business of the job."""
    resource = resource_of(job)
    return resource is not None and user.has_perm(resource.permission, job)


def may_see_rows(user, job):
    """Whether the person may see this kind of row in the business of the job: what a file says of it, too."""
    resource = resource_of(job)
    if resource is None:
        return False
    opts = resource._meta.model._meta
    return user.has_perm(f"{opts.app_label}.view_{opts.model_name}", job)


def waiting_jobs_count(request):
    """For the sidebar: how many imports wait for this person's choice of columns or confirmation."""
    return ImportJob.objects.filter(by=request.user, status__in=WAITING).count()
