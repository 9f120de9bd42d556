"""One row of every model in each of two businesses; those of the other business carry canaries."""

from datetime import date
from decimal import Decimal

from django.apps import apps

from backoffice.imports.models import ColumnMapping
from backoffice.models import BusinessOwned
from backoffice.roles import STAFF
from backoffice.scoping import every_business
from inventory.models import PlannedPrice
from payments.models import CashDrawer, ProviderAccount, Refund, UnmatchedMoney
from payments.services.accounts import save_account
from payments.services.attempts import request_payment
from payments.services.cheques import record_cheque
from payments.services.events import process_event, record_event
from payments.services.tills import open_till, save_drawer
from payments.services.transfers import record_transfer
from tests.builders import make_business, make_category, make_customer, make_order, make_product, make_user
from tests.imports.builders import make_preview
from tests.payments.refunds import ask_back, make_free
from tests.payments.statements import make_line

CANARY = "CANARY"
CANARY_PRICE = Decimal("7777777.77")


def make_rows(business, word=""):
    """Build a life's worth of rows; `word` marks every text and number that could leak."""
    category = make_category(business, f"Drinks{word} > Water{word}")
    dear = make_product(
        business,
        name=f"Still water{word}",
        sku=f"WAT{word}-{business.code}",
        price=CANARY_PRICE if word else Decimal("120.00"),
        category=category,
    )
    cheap = make_product(business, name=f"Cup{word}", sku=f"CUP{word}-{business.code}", category=category)
    with every_business():
        make_order(business, [(dear, 1)], note=word, customer=make_customer())
        asked = make_order(business, [(cheap, 1)], note=word)
        attempt = request_payment(asked, phone="0712345678", by=None)
        refund = ask_back(make_free(business), 10)
        Refund._base_manager.filter(pk=refund.pk).update(reason=word)
        make_preview(business, by=None, refused=1, file_name=f"list{word}.csv", supplier=word)
        for n in range(6):  # some are booked, some put aside
            make_line(business, f"TKL{n}{word}", details=word, counterparty=word)
        for n in range(4):  # some are deleted by those who may
            ColumnMapping(business=business, resource="products", supplier=f"Coast{word} {n}").save()
        for day in range(1, 6):  # some of them are cancelled on the way
            planned = {"price": dear.price, "starts_on": date(2040, 1, day), "price_list": word}
            PlannedPrice(business=business, product=cheap, **planned).save()
        account = ProviderAccount(
            business=business,
            provider="mpesa",
            identifier=f"{business.code}{word}",
            name=f"Till{word}",
            is_active=not ProviderAccount._base_manager.filter(business=business).exists(),
        )
        save_account(account, by=None, new_secrets={"passkey": f"secret {word}"})
        make_money_by_hand(business, word)
        process_event(record_event(attempt, body=f'{{"Body": "{word}"}}'.encode()))


def make_money_by_hand(business, word):
    """A bank transfer, two cheques, and two drawers of which one is open."""
    clerk = make_user()
    for n in range(2):
        order = make_order(business, [(make_product(business, name=f"Jug{word}{n}"), 1)], note=word)
        bank = f"Bank{word}"
        transfer = {"bank_account": bank, "reference": f"FT{word}{n}", "value_date": date(2026, 1, 5)}
        record_transfer(order, amount=Decimal(1), by=None, note=word, **transfer)
        cheque = {"bank": bank, "number": f"{word}{n}", "due_on": date(2026, 1, 5)}
        record_cheque(order, amount=Decimal(1), by=None, drawn_by=word, **cheque)
        drawer = save_drawer(CashDrawer(business=business, name=f"Counter{word} {n}"), by=None)
    open_till(drawer, counts={"1000": 2}, by=clerk)


def make_world():
    """Return (home, foreign): two businesses with rows in every table."""
    home = make_business("Home store", code="H")
    foreign = make_business(f"{CANARY} store", code=CANARY[:6])
    make_rows(home)
    make_rows(foreign, CANARY)
    return home, foreign


def first_row(model, business):
    """Return the row of a model that the matrix asks for: of the business, or of those that it shares."""
    if model._meta.label == "people.BusinessAccess":
        return model._base_manager.get(business=business, role__name=STAFF)
    if model is UnmatchedMoney:
        return model._base_manager.filter(business=business, status="successful", free__gt=0).earliest("pk")
    if issubclass(model, BusinessOwned):
        return model._base_manager.filter(business=business).order_by("pk").first()
    if model._meta.label == "people.Business":
        return business
    if model._meta.label == "people.User":
        return model._base_manager.filter(accesses__business=business).order_by("email").first()
    return model._base_manager.order_by("pk").first()


def snapshot():
    """Return every row of our tables, to compare before and after."""
    labels = {"people", "inventory", "sales", "payments", "imports", "auth"}
    return {
        model._meta.label: sorted(map(told, model._base_manager.values_list()))
        for model in apps.get_models()
        if model._meta.app_label in labels
    }


def told(row):
    """A row as text; PostgreSQL gives bytes as a view, which is told by its address."""
    return repr([bytes(value) if isinstance(value, memoryview) else value for value in row])
