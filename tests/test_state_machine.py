"""Orders, stock and money under any sequence of events, against a reference model in plain Python.

Hypothesis invents the sequences; after each step the office and the model must agree, and after each
sequence every invariant must hold. HYPOTHESIS_PROFILE=thorough looks longer.
"""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from backoffice.errors import RuleBroken
from backoffice.invariants import check_all
from backoffice.scoping import every_business
from inventory.models import Product, StockLevel
from inventory.services.prices import change_price
from inventory.services.stock import count_stock, receive_stock
from payments.models import Allocation, Payment
from payments.services.attempts import mark_submitted, request_payment
from payments.services.events import process_event, record_event
from payments.services.payments import match_payment, record_cash
from sales.models import Order, OrderItem
from sales.services.items import change_items
from sales.services.orders import cancel_order, confirm_order, deliver_order, place_order, ship_order
from tests.builders import make_business, make_customer, make_product, make_user
from tests.reference_model import Office, Refused

LONG = settings.default.max_examples > 100
STOCK = {"A": 10, "B": 3}
PRICES = {"A": Decimal("100.00"), "B": Decimal("124.99")}
products = st.sampled_from(list(STOCK))
quantities = st.integers(1, 4)
# The first prompt of an order, or the last one, if it has any.
prompts = st.sampled_from([slice(0, 1), slice(-1, None)])


class OfficeMachine(RuleBasedStateMachine):
    orders = Bundle("orders")

    def __init__(self, business, goods, customer, clerk):
        super().__init__()
        self.business, self.goods, self.customer, self.clerk = business, goods, customer, clerk
        self.model = Office(STOCK, PRICES)
        self.rows, self.attempts, self.bodies = {}, {}, {}  # by what the model calls them
        self.receipts = 0
        self.clock = pytest.MonkeyPatch()
        start = timezone.now()
        self.clock.setattr(timezone, "now", lambda: start + timedelta(minutes=self.model.minute))
        self.story = transaction.atomic()
        self.story.__enter__()

    def teardown(self):
        try:
            assert [each for each in check_all() if not each.holds] == []
        finally:
            transaction.set_rollback(True)
            self.story.__exit__(None, None, None)
            self.clock.undo()

    def both(self, expected, service, *args, **values):
        """Let the model and the office do the same; both do it or both refuse. Returns both answers."""
        try:
            answer = expected()
        except Refused:
            assert self.is_refused(service, *args, **values), f"{service.__name__} should refuse"
            return None, None
        return answer, service(*args, **values, by=self.clerk)

    def is_refused(self, service, *args, **values):
        try:
            service(*args, **values, by=self.clerk)
        except RuleBroken:
            return True
        return False

    def product(self, name):
        return Product.objects.get(pk=self.goods[name].pk)

    # Orders

    @initialize(target=orders)
    def open_with_a_prompt(self):
        order = self.order({"A": 2, "B": 1})
        self.ask(order)
        return order

    @precondition(lambda self: len(self.model.orders) < 4)
    @rule(target=orders, wanted=st.dictionaries(products, quantities, min_size=1))
    def place(self, wanted):
        return self.order(wanted)

    @rule(order=orders, name=products, quantity=st.integers(0, 4))
    def edit(self, order, name, quantity):
        row = self.rows[order]
        item = OrderItem.objects.filter(order=row, product=self.goods[name]).first()
        changes = {"remove": [item] if item else []}
        if quantity:
            item = item or OrderItem(order=row, product=self.product(name))
            item.quantity = quantity
            changes = {"save": [item]}
        self.both(lambda: self.model.edit(order, name, quantity), change_items, row, **changes)

    @rule(order=orders, step=st.sampled_from(["confirm", "ship", "deliver"]))
    def move(self, order, step):
        services = {"confirm": confirm_order, "ship": ship_order, "deliver": deliver_order}
        self.both(lambda: getattr(self.model, step)(order), services[step], self.rows[order])

    @rule(order=orders, restock=st.sets(products))
    def cancel(self, order, restock):
        row = self.rows[order]
        goods = [self.goods[name].pk for name in restock]
        items = set(OrderItem.objects.filter(order=row, product__in=goods).values_list("pk", flat=True))
        self.both(lambda: self.model.cancel(order, restock), cancel_order, row, restock=items)

    # Stock

    @rule(name=products, quantity=quantities)
    def receive(self, name, quantity):
        self.model.on_hand[name] += quantity
        receive_stock(self.product(name), quantity=quantity, by=self.clerk)

    @rule(name=products, counted=st.integers(0, 12))
    def count(self, name, counted):
        self.both(lambda: self.model.count(name, counted), count_stock, self.product(name), counted=counted)

    @rule(name=products, price=st.sampled_from([Decimal("0.00"), Decimal("33.40"), Decimal("124.99")]))
    def reprice(self, name, price):
        if self.model.prices[name] != price:
            self.model.prices[name] = price
            change_price(self.product(name), price=price, by=self.clerk, reason="why not")

    # Money

    @rule(order=orders)
    def ask(self, order):
        phone = {"phone": "0712345678"}
        prompt, attempt = self.both(lambda: self.model.ask(order), request_payment, self.rows[order], **phone)
        if prompt:
            ids = {"merchant_request_id": "1-2-3", "checkout_request_id": f"ws_CO_{attempt.pk}"}
            self.attempts[prompt] = mark_submitted(attempt, **ids)

    @rule(order=orders, which=prompts)
    def hear_success(self, order, which):
        for prompt in order.prompts[which]:
            self.hear_money(prompt, prompt.amount)

    @rule(order=orders, which=prompts, code=st.sampled_from([1, 1032, 1037]))
    def hear_failure(self, order, which, code):
        for prompt in order.prompts[which]:
            self.model.hear_failure(prompt)
            self.deliver_callback(prompt, ResultCode=code)

    @rule(order=orders, which=prompts, more=st.sampled_from([-1, 100]))
    def hear_wrong_amount(self, order, which, more):
        for prompt in order.prompts[which]:
            self.hear_money(prompt, prompt.amount + more)

    @rule(order=orders, which=prompts, same_bytes=st.booleans())
    def hear_again(self, order, which, same_bytes):
        for prompt in order.prompts[which]:
            if same_bytes and prompt in self.bodies:
                self.deliver_body(prompt, self.bodies[prompt])
            elif self.receipts:
                self.hear_money(prompt, prompt.amount, receipt="RECEIPT1")

    @rule(order=orders, more=st.sampled_from([0, 0, -50, 1]))
    def pay_cash(self, order, more):
        paid = {"amount": self.model.due(order) + more}
        money, row = self.both(
            lambda: self.model.pay_cash(order, **paid), record_cash, self.rows[order], **paid
        )
        if money:
            self.rows[money] = row

    @rule(order=orders, which=st.sampled_from([0, -1]))
    def match(self, order, which):
        free = [money for money in self.model.money if money.free]
        if free:
            money = free[which]
            use = {"order": self.rows[order]}
            self.both(lambda: self.model.match(money, order), match_payment, self.rows[money], **use)

    @rule(minutes=st.integers(1, 4))
    def wait(self, minutes):
        self.model.minute += minutes

    # How the rules do it

    def order(self, wanted):
        lines = [(self.product(name), quantity) for name, quantity in wanted.items()]
        details = {"customer": self.customer, "lines": lines}
        order, row = self.both(lambda: self.model.place(wanted), place_order, self.business, **details)
        if order is None:
            return multiple()
        self.rows[order] = row
        return order

    def hear_money(self, prompt, amount, receipt=""):
        if not receipt:
            self.receipts += 1
            receipt = f"RECEIPT{self.receipts}"
        money = self.model.hear_success(prompt, amount, receipt)
        items = [
            {"Name": "Amount", "Value": amount},
            {"Name": "MpesaReceiptNumber", "Value": receipt},
            {"Name": "Balance"},
            {"Name": "PhoneNumber", "Value": 254712345678},
        ]
        event = self.deliver_callback(prompt, ResultCode=0, CallbackMetadata={"Item": items})
        if money:
            self.rows[money] = event.payment

    def deliver_callback(self, prompt, **callback):
        attempt = self.attempts[prompt]
        callback["MerchantRequestID"] = attempt.merchant_request_id
        callback["CheckoutRequestID"] = attempt.checkout_request_id
        self.bodies[prompt] = json.dumps({"Body": {"stkCallback": callback}}).encode()
        return self.deliver_body(prompt, self.bodies[prompt])

    def deliver_body(self, prompt, body):
        event = process_event(record_event(self.attempts[prompt], body=body))
        assert event.outcome in ("applied", "ignored", "review"), event.reason
        return event

    # What must agree after every step

    @invariant()
    def stock_agrees(self):
        levels = {each.product_id: each for each in StockLevel.objects.all()}
        found = {name: levels[good.pk] for name, good in self.goods.items()}
        assert {name: each.quantity for name, each in found.items()} == self.model.on_hand
        assert {name: each.reserved for name, each in found.items()} == {
            name: self.model.reserved(name) for name in found
        }

    @invariant()
    def orders_agree(self):
        rows = {row.pk: row for row in Order.objects.all()}
        assert len(rows) == len(self.model.orders)
        for order in self.model.orders:
            found = rows[self.rows[order].pk]
            assert (found.status, found.total_amount) == (order.status, order.total)
            assert bool(found.paid_at) == order.paid

    @invariant()
    def money_agrees(self):
        received = {row.pk: row for row in Payment.objects.filter(paid_at__isnull=False)}
        assert len(received) == len(self.model.money)
        for money in self.model.money:
            found = received[self.rows[money].pk]
            assert (found.amount, found.free, found.rounding) == (money.amount, money.free, money.rounding)

    @invariant()
    def uses_agree(self):
        found = Allocation.objects.filter(amount__gt=0).values_list("payment", "order", "amount")
        assert set(found) == {
            (self.rows[money].pk, self.rows[order].pk, amount)
            for money in self.model.money
            for order, amount in money.used.items()
        }


@pytest.fixture
def run(db):
    """Return a function that lets Hypothesis play with an office, as long as the profile says."""
    business = make_business()
    goods = {name: make_product(business, stock=n, price=PRICES[name]) for name, n in STOCK.items()}
    customer, clerk = make_customer(), make_user((business, "Staff"))
    size = {"max_examples": 500 if LONG else 40, "stateful_step_count": 50 if LONG else 30}

    def play(**options):
        with every_business():
            run_state_machine_as_test(
                lambda: OfficeMachine(business, goods, customer, clerk),
                settings=settings(**size, suppress_health_check=list(HealthCheck), **options),
            )

    return play


def test_the_office_agrees_with_the_model_whatever_happens(run):
    run()


@pytest.mark.parametrize(
    "name",
    [
        "sales.services.orders.release_order",  # a cancelled order keeps its stock
        "payments.services.settlement.free_use",  # a cancelled order keeps its money
        "payments.services.results.misfit",  # any amount pays any order
        "payments.services.payments.require_no_prompt",  # cash beside an open prompt
    ],
)
def test_an_office_with_a_rule_removed_is_found_out(run, monkeypatch, name):
    monkeypatch.setattr(name, lambda *args, **kwargs: "")
    with pytest.raises(AssertionError):
        run(phases=[Phase.generate])
