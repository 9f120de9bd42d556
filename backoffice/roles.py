"""What each role may do. Roles are Django groups, granted per business through BusinessAccess."""

OWNER, ACCOUNTANT, STAFF = "Owner", "Accountant", "Staff"

# Lowest first: a person may grant only roles below his own.
RANKS = [STAFF, ACCOUNTANT, OWNER]

VIEW_ALL = [
    "people.view_customer",
    "inventory.view_category",
    "inventory.view_product",
    "inventory.view_warehouse",
    "inventory.view_stocklevel",
    "inventory.view_stockmovement",
    "inventory.view_plannedprice",
    "sales.view_order",
    "sales.view_orderitem",
    "payments.view_payment",
    "payments.view_paymentattempt",
    "payments.view_refund",
    "payments.view_banktransfer",
    "payments.view_cheque",
    "payments.view_cashdrawer",
    "payments.view_tillsession",
    "payments.view_cashmovement",
    "imports.view_importjob",
]

# Goods and orders, as everybody sees them in the lists.
EXPORT_GOODS = [
    "inventory.export_product",
    "inventory.export_category",
    "inventory.export_plannedprice",
    "inventory.export_warehouse",
    "inventory.export_stocklevel",
    "inventory.export_stockmovement",
    "sales.export_order",
]

PERMISSIONS = {
    STAFF: [
        *VIEW_ALL,
        "people.add_customer",
        "people.change_customer",
        "people.import_customer",
        "inventory.add_category",
        "inventory.change_category",
        "inventory.import_category",
        "inventory.add_product",
        "inventory.change_product",
        "inventory.import_product",
        "imports.undo_importjob",
        "imports.view_columnmapping",
        "imports.change_columnmapping",
        "imports.delete_columnmapping",
        *EXPORT_GOODS,
        "inventory.move_stock",
        "inventory.change_stocklevel",
        "sales.add_order",
        "sales.change_order",
        "sales.add_orderitem",
        "sales.change_orderitem",
        "sales.delete_orderitem",
        "sales.confirm_order",
        "sales.ship_order",
        "sales.deliver_order",
        "sales.cancel_order",
        "payments.request_payment",
        "payments.record_payment",
        "payments.request_refund",
    ],
    ACCOUNTANT: [
        *VIEW_ALL,
        # Together with the right to import what the file holds.
        "imports.undo_importjob",
        "people.view_business",
        *EXPORT_GOODS,
        # Phones of customers and money in bulk leave the house with those who answer for them.
        "people.export_customer",
        "payments.export_payment",
        "payments.export_paymentattempt",
        "people.export_many",
        "inventory.change_price",
        "inventory.delete_plannedprice",
        "payments.record_payment",
        "payments.confirm_payment",
        "payments.match_payment",
        "payments.approve_refund",
        "payments.export_refund",
        "payments.view_webhookevent",
        "payments.view_statementline",
        "payments.load_statement",
        "payments.reconcile_statement",
    ],
}
PERMISSIONS[OWNER] = sorted(
    {
        *PERMISSIONS[STAFF],
        *PERMISSIONS[ACCOUNTANT],
        "payments.replay_webhookevent",
        "payments.view_provideraccount",
        "payments.add_provideraccount",
        "payments.change_provideraccount",
        "payments.reverse_payment",
        "payments.add_cashdrawer",
        "payments.change_cashdrawer",
        "people.change_business",
        "people.view_user",
        "people.add_user",
        "people.change_user",
        "people.view_businessaccess",
        "people.add_businessaccess",
        "people.change_businessaccess",
        "people.delete_businessaccess",
        "inventory.delete_category",
        "inventory.delete_product",
        "inventory.add_warehouse",
        "inventory.change_warehouse",
    }
)
