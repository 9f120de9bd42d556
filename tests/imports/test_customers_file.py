"""Customers from a spreadsheet: told apart by phone, shared by all businesses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from backoffice.people.exports import CustomerListing
from backoffice.people.models import Customer, User
from backoffice.roles import STAFF
from backoffice.scoping import business_scope
from backoffice.spreadsheets.cells import plain_text
from backoffice.spreadsheets.writing import csv_pieces
from tests.builders import make_business, make_customer, make_order, make_user
from tests.imports.desk import confirm, counts, csv_bytes, load, reasons, undo

HEADINGS = ["Phone", "Name", "Email", "Note", "Active"]


@pytest.fixture(autouse=True)
def everything_holds(in_order):
    pass


def sheet(*rows, headings=HEADINGS):
    return csv_bytes(*rows, headings=headings)


def load_customers(shop, clerk, *rows, headings=HEADINGS, **options):
    data = sheet(*rows, headings=headings)
    return load(shop, data, by=clerk, resource="customers", **options)


def customer(phone):
    return Customer.objects.get(phone=phone)


@pytest.mark.parametrize(
    "written",
    ["0712 345 678", "712345678", "254712345678", "+254 712 345678", "0712-345-678", "00254712345678"],
)
def test_a_phone_may_be_written_in_every_way(shop, clerk, written):
    confirm(load_customers(shop, clerk, [written, "Amina"]))
    assert customer("+254712345678").name == "Amina"


def test_a_ghanaian_business_reads_its_own_phones_and_those_of_kenya(clerk):
    shop = make_business(currency="GHS")
    owner = make_user((shop, STAFF))
    confirm(load_customers(shop, owner, ["024 123 4567", "Kofi"], ["0712 345 678", "Amina"]))
    assert {str(each.phone) for each in Customer.objects.all()} == {"+233241234567", "+254712345678"}


def test_new_cards_are_written_and_known_ones_changed_with_history(shop, clerk):
    known = make_customer(phone="+254712345678", name="Amina", note="old")
    job = load_customers(
        shop,
        clerk,
        ["0712345678", "Amina W.", "amina@example.com", "", ""],
        ["0733123456", "Baraka", "", "Fridays", "no"],
    )
    assert counts(job) == (1, 1, 0, 0)
    changes = {
        each["column"]: (each["old"], each["new"]) for each in job.report["sections"]["changed"][0]["changes"]
    }
    assert changes == {
        "Name": ("Amina", "Amina W."),
        "Email": ("", "amina@example.com"),
        "Note": ("old", ""),
    }
    confirm(job)
    known.refresh_from_db()
    assert (known.name, known.email, known.note, known.is_active) == (
        "Amina W.",
        "amina@example.com",
        "",
        True,
    )
    told = known.history.first()
    assert (told.history_type, told.history_user, told.history_change_reason) == (
        "~",
        clerk,
        "import list.csv",
    )
    new = customer("+254733123456")
    assert (new.name, new.note, new.is_active) == ("Baraka", "Fridays", False)
    assert [each.history_type for each in new.history.all()] == ["+"]


def test_the_same_file_again_changes_nothing(shop, clerk):
    rows = [["0712345678", "Amina", "", "x", "yes"], ["0733123456", "Baraka", "b@example.com", "", ""]]
    confirm(load_customers(shop, clerk, *rows))
    before = Customer.history.count()
    assert counts(load_customers(shop, clerk, *rows)) == (0, 0, 2, 0)
    assert Customer.history.count() == before


def test_what_cannot_be_a_customer_is_refused_in_words(shop, clerk):
    job = load_customers(
        shop,
        clerk,
        ["", "Nobody"],
        ["12", "Short"],
        ["2.54713E+11", "Excel"],
        ["0712345678", ""],
        ["0733123456", "Mail", "not a mail"],
        ["0722000111", "Twice"],
        ["+254722000111", "Twice"],
        ["0711000222", "Active", "", "", "perhaps"],
    )
    told = reasons(job)
    assert told[2] == {"Phone": ["Phone is missing."]}
    assert told[3] == {"Phone": ["“12” is no phone number. Write it as 0712 345 678 or +254712345678."]}
    assert "shortened this phone" in told[4]["Phone"][0]
    assert told[5] == {"Name": ["Name is missing."]}
    assert told[6] == {"Email": ["Enter a valid email address."]}
    assert told[7] == {"Phone": ["This phone is also in row 8."]}
    assert told[8] == {"Phone": ["This phone is also in row 7."]}
    assert told[9] == {"Active": ["“perhaps” is neither yes nor no."]}
    assert counts(job) == (0, 0, 0, 8)


def test_a_file_without_a_column_of_phones_asks_for_it(shop, clerk):
    assert load_customers(shop, clerk, ["Amina"], headings=["Name"]).status == "columns"


def test_the_login_of_a_customer_is_never_touched(shop, clerk):
    login = User.objects.create(email="amina@example.com", username="amina")
    known = make_customer(phone="+254712345678", user=login)
    job = load_customers(shop, clerk, ["0712345678", "Amina", ""], headings=["Phone", "Name", "User"])
    confirm(job)
    known.refresh_from_db()
    assert known.user == login and job.report["ignored"] == ["User"]


def test_undo_takes_new_cards_away_and_gives_changed_ones_back(shop, clerk):
    known = make_customer(phone="+254712345678", name="Amina")
    known.note = "old"
    known.save()
    done = confirm(load_customers(shop, clerk, ["0712345678", "Other"], ["0733123456", "Baraka"]))
    assert undo(done).status == "undone"
    known.refresh_from_db()
    assert (known.name, known.note) == ("Amina", "old")
    assert not Customer.objects.filter(phone="+254733123456").exists()


def test_a_new_customer_who_ordered_since_keeps_the_import_from_being_undone(shop, clerk):
    done = confirm(load_customers(shop, clerk, ["0733123456", "Baraka"]))
    with business_scope(shop):
        order = make_order(shop, customer=customer("+254733123456"))
    job = undo(done)
    assert (job.status, job.report["touched"][0]["what"]) == ("done", "Baraka")
    assert str(order) in job.report["touched"][0]["why"]


def test_a_card_that_somebody_changed_since_keeps_the_import_from_being_undone(shop, clerk):
    done = confirm(load_customers(shop, clerk, ["0733123456", "Baraka"]))
    card = customer("+254733123456")
    card._history_user = clerk
    card.name = "Baraka Hotel"
    card.save()
    assert undo(done).status == "done"
    assert customer("+254733123456").name == "Baraka Hotel"


def plain(longest):
    """Texts as forms keep them: without spaces at their ends and without control characters."""
    texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Cf"]), max_size=longest)
    return texts.map(plain_text)


class RoundTrip(TestCase):
    def setUp(self):
        self.shop = make_business()
        self.clerk = make_user((self.shop, STAFF))

    @given(
        rows=st.lists(
            st.tuples(plain(60).filter(bool), plain(200), st.booleans(), st.sampled_from(["", "a@b.ke"])),
            min_size=1,
            max_size=8,
        )
    )
    def test_an_export_loaded_again_changes_nothing(self, rows):
        for n, (name, note, is_active, email) in enumerate(rows):
            make_customer(name=name, note=note, is_active=is_active, email=email, phone=f"+25471200{n:04}")
        listing = CustomerListing()
        data = b"".join(
            each if isinstance(each, bytes) else each.encode()
            for each in csv_pieces(listing.headings, listing.rows(Customer.objects.order_by("phone")))
        )
        job = load(self.shop, data, by=self.clerk, resource="customers")
        assert counts(job) == (0, 0, len(rows), 0), (job.status, job.error, job.report)


def test_what_another_business_has_of_a_customer_is_not_told(shop, clerk):
    done = confirm(load_customers(shop, clerk, ["0733123456", "Baraka"]))
    laundry = make_business("Upepo Laundry")
    with business_scope(laundry):
        order = make_order(laundry, customer=customer("+254733123456"))
    job = undo(done)
    told = {"what": "Baraka", "who": "", "when": "", "why": "needed by another business"}
    assert (job.status, job.report["touched"]) == ("done", [told])
    assert str(order) not in str(job.report)
