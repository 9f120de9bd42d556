from payments.admin import (  # noqa: F401
    accounts,
    attempts,
    claims,
    drawers,
    events,
    inbox,
    payments,
    refunds,
    statements,
    tills,
)
