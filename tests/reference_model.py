"""What the office should do, in plain Python: the measure for tests/test_state_machine.py.

One business, one warehouse, no database. A method raises Refused where the office must refuse, and has
changed nothing then.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil

PAYABLE = {"pending", "confirmed", "shipped", "delivered"}
PROMPT_MINUTES = 3


class Refused(Exception):
    pass


def require(condition):
    if not condition:
        raise Refused


@dataclass(eq=False)
class Prompt:
    order: "Order"
    amount: int
    asked_at: int
    state: str = "open"  # paid, failed, expired, odd
    receipts: set = field(default_factory=set)


@dataclass(eq=False)
class Order:
    lines: dict  # product: (quantity, unit price)
    status: str = "pending"
    paid: bool = False
    prompts: list = field(default_factory=list)

    @property
    def total(self):
        return sum((quantity * price for quantity, price in self.lines.values()), Decimal(0))


@dataclass(eq=False)
class Money:
    amount: Decimal
    method: str  # mpesa, cash
    used: dict = field(default_factory=dict)  # order: so much of it
    rounding: Decimal = Decimal(0)

    @property
    def free(self):
        return self.amount - self.rounding - sum(self.used.values())


class Office:
    def __init__(self, stock, prices):
        self.on_hand, self.prices = dict(stock), dict(prices)
        self.orders, self.money, self.receipts, self.minute = [], [], set(), 0

    def reserved(self, product):
        holding = [each for each in self.orders if each.status in ("pending", "confirmed", "paid")]
        return sum(each.lines[product][0] for each in holding if product in each.lines)

    def place(self, quantities):
        require(all(self.on_hand[p] - self.reserved(p) >= n for p, n in quantities.items()))
        order = Order({product: (n, self.prices[product]) for product, n in quantities.items()})
        self.orders.append(order)
        return order

    def edit(self, order, product, quantity):
        had, price = order.lines.get(product, (0, self.prices[product]))
        require(order.status == "pending" and not self.used(order))
        require(not any(self.is_answerable(prompt) for prompt in order.prompts))
        require(self.on_hand[product] - self.reserved(product) >= quantity - had)
        require(quantity or len(order.lines) > 1 or not had)
        order.lines[product] = (quantity, price)
        if not quantity:
            del order.lines[product]

    def move(self, order, to, *sources):
        require(order.status in sources)
        order.status = to

    def confirm(self, order):
        self.move(order, "confirmed", "pending")

    def deliver(self, order):
        self.move(order, "delivered", "shipped")

    def ship(self, order):
        self.move(order, "shipped", "confirmed", "paid")
        for product, (quantity, _) in order.lines.items():
            self.on_hand[product] -= quantity

    def cancel(self, order, restock):
        was_shipped = order.status == "shipped"
        self.move(order, "cancelled", "pending", "confirmed", "paid", "shipped")
        for product in restock & set(order.lines) if was_shipped else ():
            self.on_hand[product] += order.lines[product][0]
        for money in self.money:
            if money.used.pop(order, None):
                money.rounding = Decimal(0)

    def count(self, product, counted):
        require(counted >= self.reserved(product))
        self.on_hand[product] = counted

    def is_answerable(self, prompt):
        return prompt.state == "open" and self.minute - prompt.asked_at < PROMPT_MINUTES

    def require_no_prompt(self, order):
        require(not any(self.is_answerable(prompt) for prompt in order.prompts))
        for prompt in order.prompts:
            if prompt.state == "open":
                prompt.state = "expired"

    def used(self, order):
        return sum(money.used.get(order, 0) for money in self.money)

    def due(self, order):
        return order.total - self.used(order) if order.status in PAYABLE else Decimal(0)

    def ask(self, order):
        require(self.due(order) > 0)
        self.require_no_prompt(order)
        order.prompts.append(Prompt(order, ceil(self.due(order)), self.minute))
        return order.prompts[-1]

    def pay_cash(self, order, amount):
        require(0 < amount <= self.due(order))
        self.require_no_prompt(order)
        money = self.receive(amount, "cash")
        self.use(money, order)
        return money

    def match(self, money, order):
        require(money.free > 0 and self.due(order) > 0)
        self.require_no_prompt(order)
        self.use(money, order)

    def receive(self, amount, method):
        self.money.append(Money(amount, method))
        return self.money[-1]

    def use(self, money, order):
        """As much as fits is used; cents that M-Pesa cannot take are no money once the order is paid."""
        due = self.due(order)
        money.used[order] = min(money.free, due)
        if money.used[order] < due:
            return
        if money.method == "mpesa" and money.free < 1:
            money.rounding = money.free
        order.paid = True
        if order.status in ("pending", "confirmed"):
            order.status = "paid"

    def hear_failure(self, prompt):
        if prompt.state in ("open", "expired"):
            prompt.state = "failed"

    def hear_success(self, prompt, amount, receipt):
        """Return the money, or None where there is none."""
        order = prompt.order
        if prompt.state == "paid" or receipt in self.receipts:
            prompt.state = "paid" if prompt.state == "paid" else "odd"
            return None
        prompt.state = "paid"
        self.receipts.add(receipt)
        money = self.receive(amount, "mpesa")
        due = self.due(order)
        if amount == prompt.amount and due > 0 and 0 <= amount - due < 1:
            self.use(money, order)
        return money
