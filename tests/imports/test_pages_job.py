"""The page of an import in each of its statuses, and what its buttons do."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backoffice.imports.models import ColumnMapping, ImportJob, ImportStatus
from backoffice.people.models import BusinessAccess
from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from tests.builders import give_role, make_business, make_user
from tests.imports.builders import fresh, make_job, make_preview
from tests.imports.desk import csv_bytes, load

pytestmark = pytest.mark.django_db
S = ImportStatus


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk)
    return client


def page_of(job, page="change"):
    return reverse(f"admin:imports_importjob_{page}", args=[job.pk])


def confirm(client, job, **values):
    form = {"do": "confirm", "fingerprint": job.report["fingerprint"], **values}
    return client.post(page_of(job), form, follow=True)


@pytest.mark.parametrize("status", S.values)
def test_every_status_has_a_page(desk, shop, clerk, status):
    job = make_job(shop, status=status, by=clerk, finished_at=timezone.now(), new_rows=1983)
    page = desk.get(page_of(job))
    assert page.status_code == 200 and "supplier-list.xlsx" in page.text and job.sha256 in page.text


def test_an_importer_sees_what_changes_with_old_and_new_side_by_side(desk, shop, clerk):
    page = desk.get(page_of(make_preview(shop, by=clerk)))
    assert "Import: 1 new, 1 changed" in page.text
    assert "KES 300.00" in page.text and "KES 1,234.50" in page.text and "KES 1,350.00" in page.text


def test_the_button_has_the_worker_write(desk, shop, clerk):
    job = make_preview(shop, by=clerk)
    confirm(desk, job)
    assert fresh(job).status == S.WRITING


def test_refused_rows_are_left_out_only_when_somebody_says_so(desk, shop, clerk):
    job = make_preview(shop, by=clerk, refused=1)
    page = desk.get(page_of(job))
    assert "Import the 2 good rows and leave 1 out" in page.text
    assert "Some rows are refused." in confirm(desk, job).text
    assert fresh(job).status == S.READY
    confirm(desk, job, leave_out="1")
    assert fresh(job).status == S.WRITING


def test_a_preview_that_is_not_the_latest_is_refused(desk, shop, clerk):
    job = make_preview(shop, by=clerk)
    assert "not the latest one" in confirm(desk, job, fingerprint="other").text
    assert fresh(job).status == S.READY


def test_another_persons_preview_has_no_button_and_cannot_be_confirmed(desk, shop):
    other = make_user((shop, OWNER), first_name="Wanjiru")
    job = make_preview(shop, by=other)
    page = desk.get(page_of(job))
    assert "Only Wanjiru" in page.text and "Import: 1 new" not in page.text
    assert "can do this" in confirm(desk, job).text
    assert fresh(job).status == S.READY


def test_who_lost_the_right_cannot_confirm(desk, shop, clerk):
    job = make_preview(shop, by=clerk)
    BusinessAccess._base_manager.filter(user=clerk).delete()
    give_role(clerk, shop, ACCOUNTANT)
    page = desk.get(page_of(job))
    assert "Your role does not allow this import." in page.text
    assert confirm(desk, job).status_code == 403
    assert fresh(job).status == S.READY


def test_without_looking_at_the_person_anybody_could_confirm(desk, shop, monkeypatch):
    """The control of the two stories above: each guard alone holds."""
    job = make_preview(shop, by=make_user((shop, OWNER)))
    monkeypatch.setattr("backoffice.imports.services.jobs.require_own", lambda job, by: None)
    confirm(desk, job)
    assert fresh(job).status == S.WRITING


def test_without_asking_for_the_right_again_it_would_not_be_missed(client, shop, monkeypatch):
    accountant = make_user((shop, ACCOUNTANT))
    job = make_preview(shop, by=accountant)
    monkeypatch.setattr("backoffice.imports.admin.page.may_import", lambda user, job: True)
    client.force_login(accountant)
    confirm(client, job)
    assert fresh(job).status == S.WRITING


def test_who_switched_to_another_business_cannot_confirm(desk, shop, clerk):
    elsewhere = make_business()
    give_role(clerk, elsewhere)
    job = make_preview(shop, by=clerk)
    desk.post(reverse("switch_business"), {"business": elsewhere.pk})
    assert confirm(desk, job).redirect_chain or fresh(job).status == S.READY
    assert fresh(job).status == S.READY


def test_a_job_of_another_business_is_not_found(client, shop, clerk):
    job = make_preview(shop, by=clerk, refused=1)
    client.force_login(make_user((make_business(), OWNER)))
    for page in ("change", "progress", "refused", "history", "cancel_import", "undo_import"):
        assert client.get(page_of(job, page)).status_code in (302, 404)
    assert "supplier-list" not in client.get(reverse("admin:imports_importjob_changelist")).text


def test_the_history_tells_what_was_chosen(desk, shop, clerk):
    job = make_job(shop, status=S.COLUMNS, by=clerk)
    form = {"do": "columns", "sheet": "Prices", "header": "3", "supplier": "Coast", "column_1": "sku"}
    desk.post(page_of(job), form)
    [mapping] = ColumnMapping._base_manager.all()
    mapping.columns = {"code": "sku"}
    mapping.save()
    pages = [page_of(job, "history"), reverse("admin:imports_columnmapping_history", args=[mapping.pk])]
    told = [desk.get(page) for page in pages]
    assert [page.status_code for page in told] == [200, 200]
    assert "sku" in told[0].text and "code" in told[1].text


def test_columns_are_chosen_again_from_the_preview(desk, shop, clerk):
    job = make_preview(shop, by=clerk)
    desk.post(page_of(job), {"do": "again"})
    assert fresh(job).status == S.COLUMNS


def test_the_same_file_twice_is_said(desk, shop, clerk):
    done = make_job(shop, status=S.DONE, by=clerk, finished_at=timezone.now())
    page = desk.get(page_of(make_preview(shop, by=clerk, sha256=done.sha256)))
    assert "This very file was imported on" in page.text and page_of(done) in page.text


def test_a_cancelled_import_says_that_nothing_was_saved(desk, shop, clerk):
    job = make_preview(shop, by=clerk)
    assert "HX-Redirect" in desk.post(page_of(job, "cancel_import")).headers
    assert fresh(job).status == S.CANCELLED
    assert "Nothing was saved." in desk.get(page_of(job)).text


def test_while_rows_are_written_the_worker_is_asked_to_stop(desk, shop, clerk):
    job = make_job(shop, status=S.WRITING, by=clerk, total_rows=10)
    desk.post(page_of(job, "cancel_import"))
    assert fresh(job).stop_asked and "Stopping" in desk.get(page_of(job)).text


def test_an_import_is_undone_by_those_who_may_import(desk, client, shop, clerk):
    job = make_job(shop, status=S.DONE, by=clerk, new_rows=1983, changed_rows=5)
    told = desk.get(page_of(job, "undo_import")).text
    assert "1,983 rows" in told and "5 rows" in told
    accountant = Client()
    accountant.force_login(make_user((shop, ACCOUNTANT)))
    assert accountant.post(page_of(job, "undo_import")).status_code == 403
    assert "Undo this import" not in accountant.get(page_of(job)).text
    desk.post(page_of(job, "undo_import"))
    assert fresh(job).status == S.UNDOING


def test_a_refused_undo_says_what_was_touched_by_whom(desk, shop, clerk):
    touched = [{"what": "Water (WAT-1)", "who": "Juma", "when": "21 Nov 2026 10:02", "why": "new price"}]
    job = make_job(shop, status=S.DONE, by=clerk, error="1 row was touched.", report={"touched": touched})
    page = desk.get(page_of(job)).text
    assert "This import was not undone." in page and "Juma" in page and "new price" in page


# Progress


def progress(client, job, **values):
    return client.get(page_of(job, "progress"), {"status": job.status, **values})


def test_the_bar_says_how_far_the_worker_is(desk, shop, clerk):
    job = make_job(shop, status=S.WRITING, by=clerk, total_rows=100_000, done_rows=43_210)
    answer = progress(desk, job)
    assert "43,210 of 100,000 rows" in answer.text and 'aria-valuenow="43"' in answer.text
    assert len(answer.content) < 3000


def test_where_it_is_not_known_how_far_the_worker_is_the_bar_does_not_pretend(desk, shop, clerk):
    job = make_job(shop, status=S.WRITING, by=clerk, total_rows=100_000)
    answer = progress(desk, job).text
    assert "100,000 rows" in answer and "aria-valuenow" not in answer and "job-bar-unknown" in answer
    job = make_job(shop, status=S.CHECKING, by=clerk, done_rows=5_000)
    answer = progress(desk, job).text
    assert "Reading the rows" in answer and "5,000 rows" in answer and "job-bar-unknown" in answer


def test_every_tenth_part_is_told_to_those_who_cannot_see_the_bar(desk, shop, clerk):
    job = make_job(shop, status=S.WRITING, by=clerk, total_rows=100, done_rows=43)
    assert "job-said" in progress(desk, job, said="30").text
    assert "job-said" not in progress(desk, job, said="40").text


def test_the_page_is_shown_anew_once_the_worker_is_done(desk, shop, clerk):
    job = make_job(shop, status=S.DONE, by=clerk)
    answer = progress(desk, job, status="writing")
    assert answer.headers["HX-Refresh"] == "true" and not answer.content


def test_a_silent_worker_is_said(desk, shop, clerk):
    job = make_job(shop, status=S.WRITING, by=clerk, total_rows=10)
    assert "Nothing has been heard" not in progress(desk, job).text
    long_ago = timezone.now() - timedelta(minutes=3)
    ImportJob._base_manager.filter(pk=job.pk).update(heard_at=long_ago, updated_at=long_ago)
    assert "Nothing has been heard" in progress(desk, job).text


# Whatever is sent


@pytest.mark.parametrize("status", [S.COLUMNS, S.READY, S.WRITING, S.DONE])
@pytest.mark.parametrize(
    "form",
    [
        {},
        {"do": "x" * 100_000},
        {"do": "confirm"},
        {"do": "confirm", "fingerprint": "\x00", "leave_out": "\x00"},
        {"do": "columns"},
        {"do": "columns", "header": "9" * 5000, "sheet": "\x00", "column_1": "\x00", "supplier": "\x00"},
        {"do": "columns", "header": "-1", "sheet": "Other", "column_1": "business_id"},
        {"do": "columns", "header": "3", "sheet": "Prices", "column_1": "<script>", "supplier": "s" * 10_000},
        {"do": "again"},
    ],
)
def test_nonsense_is_never_a_server_error(desk, shop, clerk, status, form):
    job = make_job(shop, status=status, by=clerk)
    assert desk.post(page_of(job), form).status_code in (200, 302)
    assert fresh(job).status in (status, S.COLUMNS)


def test_addresses_of_nothing_are_not_found(desk):
    for key in ("x", "0" * 500, "%00", "00000000-0000-0000-0000-000000000000"):
        for page in ("change", "progress", "refused"):
            address = f"/admin/imports/importjob/{key}/{page}/"
            assert desk.get(address).status_code in (302, 404), address


def test_the_page_has_one_size_however_large_the_file(desk, shop, clerk):
    """100,000 rows of 200 columns with long texts, everything at its worst."""
    long, columns = "Ünïcode & <b> " * 70, range(200)
    report = {
        "sections": {
            "new": [row(n, values={f"C{c} {long}": long for c in columns}) for n in range(50)],
            "changed": [row(n, changes=[change(long) for c in columns]) for n in range(50)],
            "unchanged": [row(n) for n in range(50)],
            "refused": [row(n, problems=[problem(long) for c in columns]) for n in range(50)],
        },
        "ignored": [long] * 16_000,
        "notes": [long] * 100,
        "new_categories": [long] * 50,
        "new_categories_count": 20_000,
    }
    job = make_preview(shop, by=clerk, report=report, new_rows=99_000, refused_rows=500)
    page = desk.get(page_of(job))
    assert len(page.content) < 300_000
    job = make_job(shop, status=S.COLUMNS, by=clerk, report={"guess": wide_guess(long)})
    assert len(desk.get(page_of(job)).content) < 400_000


def row(number, **told):
    return {"number": number, "key": "K" * 64, "title": "<&>" * 100, **told}


def change(text):
    return {"column": text, "old": text, "new": text}


def problem(text):
    return {"column": text, "text": text, "reasons": [text] * 5}


def wide_guess(text):
    positions = [str(n) for n in range(1, 16_385)]
    every = dict.fromkeys(positions, text)
    return {
        "sheet": "A",
        "sheets": ["A"],
        "header": 1,
        "headings": every,
        "samples": dict.fromkeys(positions, [text] * 3),
        "columns": dict.fromkeys(positions, ""),
        "how": dict.fromkeys(positions, ""),
    }


def test_times_are_told_as_people_say_them(desk, shop, clerk):
    began = timezone.now() - timedelta(minutes=5)
    ended = began + timedelta(seconds=185)
    job = make_job(shop, status=S.DONE, by=clerk, started_at=began, finished_at=ended)
    assert re.search(r"It took 3 min 5 s\.", desk.get(page_of(job)).text)


def test_rows_are_shown_to_those_who_may_see_such_rows(client, shop):
    """A bank statement that waits is no business of the clerks, though they see that it waits."""
    accountant = make_user((shop, ACCOUNTANT))
    data = csv_bytes(
        ["TKL4A1B2C3", "2026-11-20 14:05:33", "Salary to Mary", "Completed", "", "-55000.00", "912345.00"],
        headings=[
            "Receipt No.",
            "Completion Time",
            "Details",
            "Transaction Status",
            "Paid In",
            "Withdrawn",
            "Balance",
        ],
    )
    job = load(shop, data, by=accountant, resource="mpesa_statement")
    client.force_login(accountant)
    assert "Salary to Mary" in client.get(page_of(job)).text
    client.force_login(make_user((shop, STAFF)))
    page = client.get(page_of(job))
    assert page.status_code == 200 and "Salary to Mary" not in page.text and "912" not in page.text
    assert "Your role does not show its rows." in page.text
