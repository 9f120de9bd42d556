"""What the columns of a file mean, corrected by hand and remembered."""

import pytest
from django.urls import reverse

from backoffice.imports.models import ColumnMapping, ImportStatus
from backoffice.roles import ACCOUNTANT
from tests.builders import make_user
from tests.imports.builders import GUESS, fresh, make_job

pytestmark = pytest.mark.django_db
S = ImportStatus
LIST = reverse("admin:imports_columnmapping_changelist")


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk)
    return client


@pytest.fixture
def job(shop, clerk):
    return make_job(shop, status=S.COLUMNS, by=clerk, options={"create_categories": True})


def send(client, job, **changes):
    """Send the form as it stands, with changes."""
    columns = {f"column_{position}": name for position, name in GUESS["columns"].items()}
    form = {"do": "columns", "sheet": "Prices", "header": "3", "supplier": "", **columns, **changes}
    return client.post(reverse("admin:imports_importjob_change", args=[job.pk]), form)


def test_each_column_is_shown_with_samples_its_guess_and_how_it_was_guessed(desk, job):
    page = desk.get(reverse("admin:imports_importjob_change", args=[job.pk])).text
    assert "Item code" in page and "WAT-2" in page
    assert "by its name" in page and "by its content" in page and "remembered" in page
    assert '<option value="sku" selected>SKU</option>' in page


def test_the_choice_goes_to_the_worker(desk, job):
    send(desk, job, column_5="description", decimal_comma="on")
    job = fresh(job)
    assert job.status == S.CHECKING and job.options["create_categories"]
    assert job.options["columns"] == {**GUESS["columns"], "5": "description"}
    assert (job.options["sheet"], job.options["header"], job.options["decimal_comma"]) == ("Prices", 3, True)


def test_with_a_supplier_the_choice_is_remembered(desk, job):
    send(desk, job, supplier="Coast Wholesale")
    [mapping] = ColumnMapping._base_manager.all()
    assert mapping.supplier == "Coast Wholesale" and mapping.columns["itemcode"] == "sku"


def test_a_column_that_is_needed_and_missing_is_said_at_once(desk, job):
    assert "No column of the file is SKU." in send(desk, job, column_1="").text
    assert fresh(job).status == S.COLUMNS


def test_two_columns_with_one_meaning_are_refused(desk, job):
    page = send(desk, job, column_2="price").text
    assert "“Item”, “Sells at” cannot both be Price." in page
    assert fresh(job).status == S.COLUMNS


@pytest.mark.parametrize("change", [{"sheet": "Old"}, {"header": "0"}, {"read_again": "1"}])
def test_another_sheet_or_row_of_headings_is_read_anew(desk, job, change):
    send(desk, job, column_1="", **change)
    job = fresh(job)
    table = {"sheet": change.get("sheet", "Prices"), "header": int(change.get("header", 3))}
    assert job.status == S.READING and job.options == {"create_categories": True, **table}


def test_a_row_of_headings_that_is_none_is_refused(desk, job):
    assert "Type the number of a row" in send(desk, job, header="51").text


def test_of_very_many_columns_those_that_were_recognised_are_asked_about(desk, shop, clerk):
    headings = {str(n): f"Heading {n}" for n in range(1, 301)}
    guess = {**GUESS, "headings": headings, "columns": {"299": "sku"}, "samples": {}, "how": {"299": "name"}}
    job = make_job(shop, status=S.COLUMNS, by=clerk, report={"guess": guess})
    page = desk.get(reverse("admin:imports_importjob_change", args=[job.pk])).text
    assert "Heading 299" in page and "Heading 99<" in page and "Heading 100<" not in page
    assert "200 more columns are left out." in page


def test_who_may_not_import_cannot_choose(client, shop, job):
    client.force_login(make_user((shop, ACCOUNTANT)))
    assert (
        "Your role does not allow this."
        in client.get(reverse("admin:imports_importjob_change", args=[job.pk])).text
    )
    assert send(client, job).status_code == 403


def test_columns_cannot_be_chosen_while_rows_are_written(desk, shop, clerk):
    job = make_job(shop, status=S.WRITING, by=clerk)
    send(desk, job)
    assert fresh(job).status == S.WRITING


# What is remembered


@pytest.fixture
def mapping(shop):
    mapping = ColumnMapping(
        business=shop, resource="products", supplier="Coast", columns={"itemcode": "sku", "vendor": ""}
    )
    mapping.save()
    return mapping


def url(mapping, page):
    return reverse(f"admin:imports_columnmapping_{page}", args=[mapping.pk])


def test_remembered_columns_are_listed_renamed_and_forgotten(desk, mapping):
    assert "Coast" in desk.get(LIST).text and "left out" in desk.get(url(mapping, "change")).text
    desk.post(url(mapping, "change"), {"supplier": "Coast Ltd"})
    mapping = ColumnMapping._base_manager.get()
    assert mapping.supplier == "Coast Ltd" and mapping.history.first().history_change_reason == "renamed"
    desk.post(url(mapping, "delete"), {"post": "yes"})
    assert not ColumnMapping._base_manager.exists()


def test_a_name_that_is_taken_is_refused(desk, shop, mapping):
    ColumnMapping(business=shop, resource="products", supplier="Inland").save()
    assert "already" in desk.post(url(mapping, "change"), {"supplier": "INLAND"}).text
    assert fresh_name(mapping) == "Coast"


def test_those_who_may_not_import_do_not_see_what_is_remembered(client, shop, mapping):
    client.force_login(make_user((shop, ACCOUNTANT)))
    assert client.get(LIST).status_code == 403


def fresh_name(mapping):
    return ColumnMapping._base_manager.get(pk=mapping.pk).supplier
