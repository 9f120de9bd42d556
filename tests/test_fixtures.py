"""The sample data is what fixtures/README.md says, so that the demo and the journeys can build on it."""

import csv
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import openpyxl
import phonenumbers
import pytest
from PIL import Image

FIXTURES = Path(__file__).parent.parent / "fixtures"
CATALOGUES = ["water", "laundry", "shop"]
ALMOST = {"Name", "Category", "Price", "Cost", "Barcode", "Reorder level", "Description"}


def read_rows(name):
    with open(FIXTURES / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def catalogue(kind):
    return read_rows(f"demo/products_{kind}.csv")


def every_product():
    return [row for kind in CATALOGUES for row in catalogue(kind)]


def is_ean13(code):
    digits = [int(digit) for digit in code]
    return len(digits) == 13 and (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0


@pytest.mark.parametrize("kind", CATALOGUES)
def test_each_catalogue_has_sound_products_and_some_to_reorder(kind):
    rows = catalogue(kind)
    assert len({row["Name"] for row in rows}) == len(rows) >= 30
    for row in rows:
        assert Decimal(row["Price"]) >= Decimal(row["Cost"]) > 0, row
        assert row["Name"] and row["Description"] and row["Category"], row
        assert not row["Barcode"] or is_ean13(row["Barcode"]), row
    assert 2 <= sum(int(row["Opening stock"]) <= int(row["Reorder level"]) for row in rows) <= 3


def test_the_catalogues_together_have_more_than_150_products_and_no_code_twice():
    rows = every_product()
    assert len({row["SKU"] for row in rows}) == len(rows) > 150
    barcodes = Counter(row["Barcode"] for row in rows if row["Barcode"])
    assert max(barcodes.values()) == 1


def test_every_picture_is_used_and_small_and_every_category_has_one():
    pictures = json.loads((FIXTURES / "demo/images.json").read_text(encoding="utf-8"))
    files = set((FIXTURES / "demo/images").iterdir())
    assert {file.name for file in files} == set(pictures.values())
    for file in files:
        with Image.open(file) as image:
            assert image.size == (320, 320)
    assert sum(file.stat().st_size for file in files) < 300_000
    categories = {row["Category"] for row in every_product()}
    for prefix in pictures:
        assert any(category.startswith(prefix) for category in categories), prefix


def test_customers_have_their_own_valid_numbers():
    rows = read_rows("demo/customers.csv")
    assert len(rows) == len({row["name"] for row in rows}) == len({row["phone"] for row in rows}) == 60
    for row in rows:
        number = phonenumbers.parse(row["phone"])
        assert phonenumbers.is_valid_number(number), row
        assert phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) == row["phone"]


def test_one_person_has_different_roles_in_different_businesses():
    roles = {}
    for business in json.loads((FIXTURES / "demo/businesses.json").read_text(encoding="utf-8")):
        for person in business["people"]:
            roles.setdefault(person["email"], set()).add(person["role"])
    assert {"Accountant", "Staff"} in roles.values()
    assert all(email.endswith("@example.com") for email in roles)


def test_the_suppliers_list_has_new_changed_and_unchanged_products():
    known = {row["SKU"]: row for row in catalogue("shop")}
    rows = read_rows("products.csv")
    old = [row for row in rows if row["SKU"] in known]
    changed = [row for row in old if any(row[name] != known[row["SKU"]][name] for name in ALMOST)]
    assert (len(rows) - len(old), len(changed), len(old) - len(changed)) == (12, 4, 4)


@pytest.mark.parametrize("name", ["products", "products_with_mistakes"])
def test_the_spreadsheet_says_what_the_csv_beside_it_says_without_formulas(name):
    with open(FIXTURES / f"{name}.csv", newline="", encoding="utf-8") as file:
        wanted = list(csv.reader(file))
    sheet = openpyxl.load_workbook(FIXTURES / f"{name}.xlsx").active
    assert "f" not in {cell.data_type for row in sheet for cell in row}
    found = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert len(found) == len(wanted)
    for row, line in zip(found, wanted, strict=True):
        assert [as_text(value) for value in row] == [as_text(value) for value in line]


def as_text(value):
    """1250, 1250.0 and "1250.00" are the same cell; so are None and ""."""
    text = "" if value is None else str(value).upper()
    try:
        return str(Decimal(text).normalize())
    except ArithmeticError:
        return text
