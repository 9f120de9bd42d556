"""What rooms above sales want to hear of an order; they add their functions when they start.

`before_edit(order)` returns why the items cannot change now, or an empty string. `after_cancel(order, *, by)`
runs in the transaction that cancels.
"""

from collections.abc import Callable

before_edit: list[Callable] = []
after_cancel: list[Callable] = []
