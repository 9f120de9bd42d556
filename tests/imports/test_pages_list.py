"""The list of imports, its number in the sidebar, and the workbook of refused rows."""

from io import BytesIO

import pytest
from django.core.cache import cache
from django.urls import reverse
from openpyxl import load_workbook

from backoffice.imports.models import ImportStatus
from backoffice.roles import ACCOUNTANT, OWNER
from tests.builders import make_user
from tests.imports.builders import HEADINGS, keep_refused, make_job, make_preview

pytestmark = pytest.mark.django_db
S = ImportStatus
LIST = reverse("admin:imports_importjob_changelist")


@pytest.fixture
def desk(client, clerk):
    cache.clear()
    client.force_login(clerk)
    return client


def test_the_list_says_who_loaded_what_and_what_became_of_it(desk, shop, clerk):
    job = make_preview(shop, by=clerk, new_rows=1983)
    page = desk.get(LIST).text
    for text in ("supplier-list.xlsx", "Asha", "Ready to import", "1,983 new, 1 changed", job.sha256[:8]):
        assert text in page


def test_everybody_may_look_also_without_the_right_to_import(client, shop, clerk):
    make_preview(shop, by=clerk)
    client.force_login(make_user((shop, ACCOUNTANT)))
    assert "supplier-list.xlsx" in client.get(LIST).text


def test_the_list_is_narrowed_by_status_and_by_what_was_imported(desk, shop, clerk):
    make_job(shop, status=S.DONE, by=clerk, file_name="done.csv")
    make_job(shop, status=S.REFUSED, by=clerk, file_name="bad.csv", resource="gone")
    assert "bad.csv" not in desk.get(LIST, {"status__exact": "done"}).text
    assert "bad.csv" not in desk.get(LIST, {"resource": "products"}).text
    assert "bad.csv" in desk.get(LIST).text


def test_the_list_costs_the_same_however_many_there_are(desk, shop, clerk, django_assert_max_num_queries):
    for _ in range(20):
        make_preview(shop, by=clerk)
    desk.get(LIST)
    with django_assert_max_num_queries(14):
        desk.get(LIST)


@pytest.mark.parametrize("status", S.values)
def test_the_number_in_the_sidebar_is_what_waits_for_this_person(desk, shop, clerk, status):
    make_job(shop, status=status, by=clerk)
    make_job(shop, status=S.READY, by=make_user((shop, OWNER)))
    item = next(each for each in sidebar(desk) if each["title"] == "Imports")
    assert item["badge"] == (1 if status in (S.COLUMNS, S.READY) else None)


def sidebar(client):
    return [item for group in client.get(LIST).context["sidebar_navigation"] for item in group["items"]]


# The refused rows


def refused(client, job):
    answer = client.get(reverse("admin:imports_importjob_refused", args=[job.pk]))
    assert answer.status_code == 200
    return load_workbook(BytesIO(b"".join(answer.streaming_content))).active


def test_the_workbook_has_the_reasons_in_front_and_colours_what_is_wrong(desk, shop, clerk):
    sheet = refused(desk, make_preview(shop, by=clerk, refused=2))
    rows = list(sheet.iter_rows())
    assert [cell.value for cell in rows[0]] == ["Reason", *HEADINGS]
    assert [cell.value for cell in rows[1]][:5] == [
        "Price: “abc” is not a number.",
        "WAT-4",
        "Water 5 L",
        "Drinks > Water",
        "abc",
    ]
    coloured = [cell.column for cell in rows[1] if cell.fill.fill_type == "solid"]
    assert coloured == [5] and len(rows) == 3


def test_nothing_in_the_workbook_runs(desk, shop, clerk):
    job = make_preview(shop, by=clerk, refused=1)
    keep_refused(
        job, [{"number": 2, "cells": ["=1+1", "@x"], "reasons": ["=2"], "columns": [1]}], ["=A", "B"]
    )
    for row in refused(desk, job).iter_rows():
        for cell in row:
            assert cell.data_type == "s" and not str(cell.value).startswith(("=", "@"))


def test_a_row_that_is_wider_or_narrower_than_the_headings_is_written_too(desk, shop, clerk):
    job = make_preview(shop, by=clerk, refused=1)
    row = {"number": 2, "cells": ["a"], "reasons": ["Name is missing."], "columns": [3]}
    keep_refused(job, [row, {**row, "cells": ["a", "b", "c", "d"]}], ["A", "B"])
    rows = list(refused(desk, job).iter_rows())
    assert rows[1][3].fill.fill_type == "solid" and rows[2][4].value == "d"


def test_who_may_not_import_cannot_download_them(client, shop, clerk):
    job = make_preview(shop, by=clerk, refused=1)
    client.force_login(make_user((shop, ACCOUNTANT)))
    assert client.get(reverse("admin:imports_importjob_refused", args=[job.pk])).status_code == 403


def test_rows_that_are_no_longer_kept_are_not_found(desk, shop, clerk):
    job = make_preview(shop, by=clerk)
    assert desk.get(reverse("admin:imports_importjob_refused", args=[job.pk])).status_code == 404
