"""Choosing a file: who may, into which business, what is refused at once, and the template to fill in."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from backoffice.imports.admin import forms
from backoffice.imports.models import ColumnMapping, ImportJob, ImportStatus
from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from backoffice.scoping import SESSION_KEY
from tests.builders import give_role, make_business, make_user
from tests.matrix.people import VIEWER, make_viewer_role

pytestmark = pytest.mark.django_db
UPLOAD = reverse("admin:imports_importjob_add")
TEMPLATE = reverse("admin:imports_importjob_template")


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk)
    return client


def upload(client, data=b"SKU,Name\nA,Cup\n", name="list.csv", **form):
    values = {"file": SimpleUploadedFile(name, data), "create_categories": "on", **form}
    return client.post(f"{UPLOAD}?resource=products", values)


def jobs():
    return list(ImportJob._base_manager.all())


def test_a_file_becomes_an_import_and_leads_to_its_page(desk, shop, clerk):
    answer = upload(desk, supplier=" Coast Wholesale ")
    [job] = jobs()
    assert answer.url == reverse("admin:imports_importjob_change", args=[job.pk])
    assert (job.business, job.by, job.status) == (shop, clerk, ImportStatus.READING)
    assert (job.supplier, job.options) == ("Coast Wholesale", {"create_categories": True})
    upload(desk, create_categories="")
    assert jobs()[0].options == {"create_categories": False}


def test_the_page_says_what_the_columns_mean_and_what_an_empty_cell_does(desk):
    page = desk.get(f"{UPLOAD}?resource=products").text
    assert "up to 50.0" in page and "Nothing was counted, the stock stays." in page and "WAT-BOT-20L" in page


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_template_has_headings_and_examples(desk, kind):
    answer = desk.get(TEMPLATE, {"resource": "products", "format": kind})
    assert answer.headers["Content-Disposition"] == f'attachment; filename="products-to-import.{kind}"'
    if kind == "xlsx":
        [first, second, *_] = load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True)
        assert first[:2] == ("SKU", "Name") and second[0] == "WAT-BOT-20L"
    else:
        assert answer.content.decode("utf-8-sig").startswith("SKU,Name")


@pytest.mark.parametrize(
    ("data", "name", "why"),
    [
        (b"", "list.csv", "This file is empty."),
        (b"%PDF", "list.pdf", "This is no spreadsheet."),
        (b"x", "list", "This is no spreadsheet."),
    ],
)
def test_what_is_no_spreadsheet_is_refused_at_once(desk, data, name, why):
    assert why in upload(desk, data, name).text
    assert not jobs()


def test_a_file_that_is_too_large_is_refused_at_once(desk, monkeypatch):
    monkeypatch.setattr(forms, "MOST_BYTES", 3)
    assert "This file is larger than" in upload(desk).text
    assert not jobs()


def test_without_a_file_the_form_asks_for_one(desk):
    assert "Choose a file." in desk.post(f"{UPLOAD}?resource=products", {}).text


def test_who_may_not_import_finds_no_page(client, shop):
    make_viewer_role()
    client.force_login(make_user((shop, VIEWER)))
    assert client.get(UPLOAD).status_code == 403
    assert client.get(TEMPLATE).status_code == 403
    assert upload(client).status_code == 403
    assert not jobs()


def test_what_nobody_can_import_is_not_found(desk):
    assert desk.get(f"{UPLOAD}?resource=passwords").status_code == 404
    assert desk.get(TEMPLATE, {"format": "exe"}).status_code == 404


def test_with_several_businesses_the_person_chooses_and_the_server_checks(client, shop):
    mine, books, foreign = make_business(), make_business(), make_business()
    client.force_login(make_user((shop, STAFF), (mine, OWNER), (books, ACCOUNTANT)))
    offered = client.get(f"{UPLOAD}?resource=products").context["form"].fields["business"].queryset
    assert {*offered} == {shop, mine}
    assert "This field is required." in upload(client).text
    for wrong in (books, foreign):
        assert "You cannot import into this business." in upload(client, business=wrong.pk).text
    upload(client, business=mine.pk)
    assert [job.business for job in jobs()] == [mine]


def test_in_a_chosen_business_another_one_cannot_be_named(client, shop, clerk):
    other = make_business()
    give_role(clerk, other)
    client.force_login(clerk)
    session = client.session
    session[SESSION_KEY] = str(shop.pk)
    session.save()
    assert "You cannot import into this business." in upload(client, business=other.pk).text
    upload(client)
    assert [job.business for job in jobs()] == [shop]


@pytest.mark.parametrize("form", [{"business": "\x00"}, {"supplier": "\x00"}, {"supplier": "s" * 101}])
def test_nonsense_is_never_a_server_error(desk, form):
    assert upload(desk, **form).status_code == 200
    assert not jobs()


def test_suppliers_that_are_remembered_are_offered(desk, shop):
    ColumnMapping(business=shop, resource="products", supplier="Coast <Wholesale>").save()
    assert '<option value="Coast &lt;Wholesale&gt;">' in desk.get(f"{UPLOAD}?resource=products").text


def test_a_list_with_two_kinds_of_files_asks_which_and_only_between_those(desk):
    asked = desk.get(UPLOAD, {"resource": ["products", "counts"]}).text
    assert "?resource=products" in asked and "?resource=counts" in asked and "?resource=opening" not in asked


def test_the_list_of_products_has_the_button_for_those_who_may(desk, client, shop):
    products, old = reverse("admin:inventory_product_changelist"), reverse("admin:inventory_product_import")
    assert old in desk.get(products).text
    assert desk.get(old).url == f"{UPLOAD}?resource=products"
    client.force_login(make_user((shop, ACCOUNTANT)))
    assert old not in client.get(products).text
