"""The page of differences: both sides, why they differ, and the windows that settle each."""

import pytest
from django.urls import reverse

from backoffice.roles import ACCOUNTANT, STAFF
from payments.models import Payment
from tests.builders import make_business, make_user
from tests.payments.money import fresh
from tests.payments.statements import make_line
from tests.payments.test_reconciliation import make_money

PAGE = "admin:payments_statementline_reconciliation"
DAY = {"first": "2026-11-20", "last": "2026-11-20"}


@pytest.fixture
def accountant(client, store):
    user = make_user((store, ACCOUNTANT))
    client.force_login(user)
    return user


def show(client, **asked):
    return client.get(reverse(PAGE), {**DAY, **asked})


def press(client, model, dialog, row, **data):
    return client.post(reverse(f"admin:payments_{model}_{dialog}", args=[row.pk]), data)


def test_when_nothing_differs_the_page_says_so(client, store, accountant):
    make_line(store)
    make_money(store)
    text = show(client).content.decode()
    assert "Nothing differs." in text and 'class="crumb">Reconciliation<' in text


def test_a_line_is_booked_from_its_window_and_the_page_comes_back(client, store, accountant):
    line = make_line(store, details="<script>alert(1)</script>")
    text = show(client).content.decode()
    assert "In the statement, not in the books" in text and "<script>alert(1)" not in text
    assert reverse("admin:payments_statementline_book_line", args=[line.pk]) in text
    window = client.get(reverse("admin:payments_statementline_book_line", args=[line.pk]))
    assert "KES 250.00" in window.content.decode()
    answer = press(client, "statementline", "book_line", line)
    assert "Nothing differs." in client.get(answer["HX-Redirect"]).content.decode()
    assert Payment._base_manager.get().history.latest().history_user == accountant


def test_the_window_offers_the_payment_whose_receipt_is_missing(client, store, accountant):
    payment, line = make_money(store, receipt=None), make_line(store)
    press(client, "statementline", "book_line", line, payment=str(payment.pk))
    assert fresh(payment).transaction_id == "TKL1A2B3C4"
    assert Payment._base_manager.count() == 1


def test_a_line_is_put_aside_and_a_payment_explained_in_words(client, store, accountant):
    line, payment = make_line(store), make_money(store, "TKL2A2B3C4")
    press(client, "statementline", "park_line", line, note="Owner's deposit")
    press(client, "payment", "explain_payment", payment, note="Paid to the other till")
    text = show(client).content.decode()
    assert "Put aside: 2" in text
    assert "Paid to the other till" in text


def test_a_line_without_a_word_is_not_put_aside(client, store, accountant):
    line = make_line(store)
    press(client, "statementline", "park_line", line, note="")
    assert fresh(line).parked_at is None


@pytest.mark.parametrize(
    "asked",
    [
        {"source": "nobody's"},
        {"first": "soon"},
        {"first": "2026-11-21"},
        {"first": "2001-01-01"},
        {"source": "'; DROP TABLE x"},
    ],
)
def test_a_question_that_makes_no_sense_is_answered_with_the_form(client, store, accountant, asked):
    answer = show(client, **asked)
    assert answer.status_code == 200 and "found" not in answer.context


@pytest.mark.parametrize(
    ("day", "said"), [("0001-01-01", "from the year 2000"), ("9999-12-31", "up to the year 2100")]
)
def test_days_at_the_ends_of_the_calendar_are_refused_in_words(client, store, accountant, day, said):
    answer = show(client, first=day, last=day)
    assert answer.status_code == 200 and said in answer.content.decode()


def test_staff_see_no_statements(client, store):
    client.force_login(make_user((store, STAFF)))
    assert show(client).status_code == 403


def test_another_business_is_neither_offered_nor_shown(client, store, accountant):
    other = make_business("Elsewhere")
    make_line(other, "SECRET1234")
    text = show(client, source=f"{other.pk}/mpesa:").content.decode()
    assert "Elsewhere" not in text and "SECRET1234" not in text


def test_the_list_of_lines_leads_to_the_import(client, store, accountant):
    make_line(store)
    assert client.get(reverse("admin:payments_statementline_changelist")).status_code == 200
    answer = client.get(reverse("admin:payments_statementline_import"))
    assert answer.status_code == 302 and "bank_statement" in answer["Location"]
