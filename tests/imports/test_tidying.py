"""What is kept of imports does not grow for ever: a week after the last step the files go."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone

from backoffice.errors import RuleBroken
from backoffice.imports import files
from backoffice.imports.models import ImportJob, ImportStatus
from backoffice.imports.services import jobs, tidying
from tests.builders import make_user
from tests.imports.builders import fresh, make_job, make_preview
from tests.imports.desk import load

pytestmark = pytest.mark.django_db(transaction=True)
S = ImportStatus


def rested(job, **span):
    files.keep(job, "file", BytesIO(b"SKU\n"))
    ImportJob._base_manager.filter(pk=job.pk).update(updated_at=timezone.now() - timedelta(**span))
    return job


@pytest.mark.parametrize("status", [S.COLUMNS, S.READY])
def test_a_file_that_nobody_imported_for_a_week_is_cancelled_and_gone(shop, clerk, status):
    job = rested(make_job(shop, status=status, by=clerk), days=8)
    tidying.tidy_up()
    assert fresh(job).status == S.CANCELLED and not files.exists(job, "file")
    assert job.history.first().history_change_reason == "not imported within a week"
    assert str(job.pk) not in files.kept_jobs()


@pytest.mark.parametrize("status", [S.REFUSED, S.DONE, S.UNDONE, S.CANCELLED])
def test_an_import_that_is_over_stays_in_the_list_without_its_files(shop, clerk, status):
    job = rested(make_preview(shop, by=clerk, refused=1), days=8)
    ImportJob._base_manager.filter(pk=job.pk).update(status=status)
    tidying.tidy_up()
    assert fresh(job).status == status and not files.exists(job, "file") and not files.exists(job, "refused")


def test_younger_files_and_those_that_the_worker_has_are_kept(shop, clerk):
    young = rested(make_preview(shop, by=clerk), days=6)
    working = rested(make_job(shop, status=S.WRITING, by=clerk), days=30)
    tidying.tidy_up()
    for job in (young, working):
        assert files.exists(job, "file") and fresh(job).status == job.status


def test_who_comes_back_in_the_last_moment_keeps_the_file(shop, clerk):
    job = rested(make_preview(shop, by=clerk), days=8)
    ImportJob._base_manager.filter(pk=job.pk).update(updated_at=timezone.now())
    tidying.end_of_rest(job)
    assert files.exists(job, "file") and fresh(job).status == S.READY


def test_a_person_with_too_many_open_files_is_asked_to_end_some(shop, clerk, monkeypatch):
    monkeypatch.setattr(jobs, "MOST_OPEN", 2)
    for _ in range(2):
        make_preview(shop, by=clerk)
    before = files.kept_jobs()
    with pytest.raises(RuleBroken, match="2 files of yours wait already"):
        load(shop, b"SKU\nA\n", by=clerk)
    assert files.kept_jobs() == before
    assert load(shop, b"SKU\nA\n", by=make_user((shop, "Owner"))).pk


def test_a_file_whose_import_cannot_be_saved_is_not_kept(shop, clerk, monkeypatch):
    before = set(files.kept_jobs())
    monkeypatch.setattr(jobs, "lock", lambda row: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        load(shop, b"SKU\nA\n", by=clerk)
    assert set(files.kept_jobs()) == before
