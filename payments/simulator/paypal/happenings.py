"""What happens at the pretend PayPal's end: payers choose, banks decide, and the shop is told."""

import threading
from typing import TYPE_CHECKING, Any

from payments.simulator.paypal import page
from payments.simulator.paypal.answers import Refused, new_id
from payments.simulator.paypal.deliveries import PaypalDeliveries
from payments.simulator.paypal.order import PaypalOrder, stamp, up_link
from payments.simulator.prompt import AlreadyAnswered

if TYPE_CHECKING:
    from payments.simulator.simulator import Simulator


class PaypalHappenings(PaypalDeliveries):
    """The orders that PayPal keeps, and what others than the shop do with them."""

    def __init__(self, simulator: "Simulator"):
        super().__init__(simulator)
        self.orders: list[PaypalOrder] = []
        self._lock = threading.RLock()

    def order(self, order_id: str) -> PaypalOrder:
        """Return the order with this id; raise Refused where there is none."""
        found = next((one for one in self.orders if one.id == order_id), None)
        if found is None:
            raise Refused(404, "INVALID_RESOURCE_ID")
        return found

    def choose(self, order_id: str, choice: str) -> PaypalOrder:
        """Let the payer approve, approve_echeck, decline (a card that will be refused) or leave.

        Raises Refused for an unknown order, AlreadyAnswered for one that is not open, ValueError for another
        choice.
        """
        order = self.order(order_id)
        if choice not in page.CHOICES:
            raise ValueError(f"a payer cannot {choice!r}; only {', '.join(page.CHOICES)}")
        with self._lock:
            if order.status != "PAYER_ACTION_REQUIRED":
                raise AlreadyAnswered
            if choice == "leave":
                return order
            order.status, order.method = "APPROVED", page.METHODS[choice]
        self.tell("CHECKOUT.ORDER.APPROVED", "checkout-order", order.show())
        return order

    def settle(self, capture_id: str, status: str) -> None:
        """Decide a pending capture: COMPLETED, or DECLINED, of which PayPal also tells as DENIED."""
        _order, capture = self.find_capture(capture_id)
        capture["status"] = "DECLINED" if status == "DENIED" else status
        capture.pop("status_details", None)
        self.tell(f"PAYMENT.CAPTURE.{status}", "capture", capture)

    def expire(self, order_id: str) -> None:
        """Give up an approved order whose money nobody collected."""
        order = self.order(order_id)
        order.status = "VOIDED"
        told = {"order_id": order.id, "purchase_units": [order.unit]}
        self.tell("CHECKOUT.PAYMENT-APPROVAL.REVERSED", "checkout-order", told)

    def find_capture(self, capture_id: str) -> tuple[PaypalOrder, dict[str, Any]]:
        for order in self.orders:
            for capture in order.captures:
                if capture["id"] == capture_id:
                    return order, capture
        raise Refused(404, "INVALID_RESOURCE_ID")

    def reverse(self, capture_id: str) -> None:
        """Let the payer's bank take a payment back."""
        _order, capture = self.find_capture(capture_id)
        links = [up_link(capture)]
        taken = {"id": new_id(), "amount": capture["amount"], "status": "COMPLETED", "links": links}
        self.tell("PAYMENT.CAPTURE.REVERSED", "refund", taken | {"create_time": stamp()})

    def dispute(self, capture_id: str, *, dispute_id: str = "PP-D-4012", outcome: str = "") -> None:
        """Let the payer dispute a payment or, with an outcome of PayPal's list, end the dispute."""
        _order, capture = self.find_capture(capture_id)
        told: dict[str, Any] = {
            "dispute_id": dispute_id,
            "reason": "UNAUTHORISED",
            "dispute_amount": capture["amount"],
            "disputed_transactions": [{"seller_transaction_id": capture_id, "seller": capture["payee"]}],
        }
        if outcome:
            told["dispute_outcome"] = {"outcome_code": outcome}
        self.tell(f"CUSTOMER.DISPUTE.{'RESOLVED' if outcome else 'CREATED'}", "dispute", told)
