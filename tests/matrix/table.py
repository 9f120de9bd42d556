"""The right that every address of the site needs; an address that is missing here fails the build."""

from backoffice.imports.resource import import_resources

# What a person needs, where it is not a permission such as "sales.view_order":
PUBLIC = "no login"
STAFF_LOGIN = "any staff login"
ANY_ROLE = "any role in the business"
NOBODY = "shut to everybody"


def pages(model, *, add=NOBODY, delete=NOBODY, **dialogs):
    """The pages that every admin has, and its dialogs by name."""
    app, name = model.split("_")
    view = (f"{app}.view_{name}", f"{app}.change_{name}")
    rights = {"changelist": view, "change": view, "history": view, "simple_history": view}
    rights |= {"add": add, "delete": delete, **dialogs}
    return {f"admin:{model}_{page}": right for page, right in rights.items()}


MOVE_STOCK = ("inventory.move_stock",)
# The import of the matrix is one of products; who may import anything may choose a file.
IMPORT = ("inventory.import_product",)
CHOOSE_FILE = tuple(each.permission for each in import_resources().values())
# Where providers deliver; a token in the address is what lets them in.
HOOKS = (
    "stk_callback",
    "till_payment",
    "till_check",
    "operation_result",
    "operation_timeout",
    "card_hook",
    "paypal_hook",
)
STOCK_DIALOGS = dict.fromkeys(
    ("receive_stock", "count_stock", "adjust_stock", "issue_stock", "transfer_stock"), MOVE_STOCK
)
FREE_MONEY_DIALOGS = (
    "match_payment",
    "split_payment",
    "keep_as_credit",
    "park_payment",
    "return_to_inbox",
    "unmatch_payment",
)
# Append-only rows have no history of changes.
FROZEN = {"history": NOBODY, "simple_history": NOBODY}

RIGHTS = {
    "": PUBLIC,
    "switch_business": STAFF_LOGIN,
    "search": STAFF_LOGIN,
    "media": ANY_ROLE,
    **dict.fromkeys((f"payments:{name}{form}" for name in HOOKS for form in ("", "_without_slash")), PUBLIC),
    "payments:came_back": PUBLIC,
    "admin:index": STAFF_LOGIN,
    "admin:search": STAFF_LOGIN,
    "admin:login": PUBLIC,
    "admin:logout": PUBLIC,
    "admin:password_change": STAFF_LOGIN,
    "admin:password_change_done": STAFF_LOGIN,
    "admin:jsi18n": STAFF_LOGIN,
    "admin:autocomplete": ("inventory.view_category", "inventory.change_category"),
    "admin:view_on_site": NOBODY,
    "admin:<path:object_id>/": STAFF_LOGIN,
    "admin:app_list": ("inventory.view_product",),
    "admin:(?P<url>.*)$": NOBODY,
    **pages(
        "people_businessaccess",
        add=("people.add_businessaccess",),
        delete=("people.delete_businessaccess",),
    ),
    **pages("people_business", add=("people.add_business",)),
    **pages(
        "people_customer",
        add=("people.add_customer",),
        **{"import": ("people.import_customer",), "export": ("people.export_customer",)},
    ),
    **pages(
        "people_user",
        add=("people.add_user",),
        grant_access=("people.add_businessaccess",),
        set_password=("people.change_user",),
    ),
    **pages(
        "inventory_category",
        add=("inventory.add_category",),
        delete=("inventory.delete_category",),
        move_category=("inventory.change_category",),
        **{"import": ("inventory.import_category",), "export": ("inventory.export_category",)},
    ),
    **pages(
        "inventory_product",
        add=("inventory.add_product",),
        delete=("inventory.delete_product",),
        **{"import": ("inventory.import_product",), "export": ("inventory.export_product",)},
        change_price=("inventory.change_price",),
        **STOCK_DIALOGS,
    ),
    **pages(
        "inventory_plannedprice",
        delete=("inventory.delete_plannedprice",),
        **{"import": ("inventory.change_price",), "export": ("inventory.export_plannedprice",)},
    ),
    **pages(
        "inventory_stocklevel",
        **{"import": MOVE_STOCK, "export": ("inventory.export_stocklevel",)},
        **STOCK_DIALOGS,
    ),
    **pages("inventory_stockmovement", export=("inventory.export_stockmovement",), **FROZEN),
    **pages(
        "inventory_warehouse",
        add=("inventory.add_warehouse",),
        make_default=("inventory.change_warehouse",),
        export=("inventory.export_warehouse",),
    ),
    **pages(
        "imports_importjob",
        add=CHOOSE_FILE,
        template=CHOOSE_FILE,
        progress=("imports.view_importjob",),
        refused=IMPORT,
        cancel_import=IMPORT,
        undo_import=IMPORT,
    ),
    **pages("imports_columnmapping", delete=("imports.delete_columnmapping",)),
    **pages(
        "sales_order",
        add=("sales.add_order",),
        customers=("sales.add_order", "sales.change_order"),
        products=("sales.add_order", "sales.change_order"),
        request_payment=("payments.request_payment",),
        request_card=("payments.request_payment",),
        request_paypal=("payments.request_payment",),
        record_cash=("payments.record_payment",),
        refund_order=("payments.request_refund",),
        record_transfer=("payments.record_payment",),
        record_cheque=("payments.record_payment",),
        confirm=("sales.confirm_order",),
        ship=("sales.ship_order",),
        deliver=("sales.deliver_order",),
        cancel=("sales.cancel_order",),
        export=("sales.export_order",),
    ),
    **pages(
        "payments_payment",
        **dict.fromkeys(FREE_MONEY_DIALOGS, ("payments.match_payment",)),
        explain_payment=("payments.reconcile_statement",),
        refund_payment=("payments.request_refund",),
        reverse_payment=("payments.reverse_payment",),
        export=("payments.export_payment",),
        order_panel=("sales.view_order", "sales.change_order"),
    ),
    "admin:payments_unmatchedmoney_changelist": ("payments.view_payment", "payments.change_payment"),
    "admin:payments_unmatchedmoney_change": ("payments.view_payment", "payments.change_payment"),
    **pages(
        "payments_paymentattempt",
        look_now=("payments.request_payment",),
        enter_receipt=("payments.request_payment",),
        withdraw_link=("payments.request_payment",),
        deal_with=("payments.confirm_payment",),
        export=("payments.export_paymentattempt",),
    ),
    **pages(
        "payments_banktransfer",
        confirm=("payments.confirm_payment",),
        reject=("payments.confirm_payment",),
    ),
    **pages(
        "payments_cheque",
        deposit=("payments.record_payment",),
        clear=("payments.confirm_payment",),
        bounce=("payments.confirm_payment",),
    ),
    **pages("payments_cashdrawer", add=("payments.add_cashdrawer",), open_till=("payments.record_payment",)),
    **pages(
        "payments_tillsession",
        move_cash=("payments.record_payment",),
        close_till=("payments.record_payment",),
        accept=("payments.confirm_payment",),
    ),
    **pages(
        "payments_refund",
        approve_refund=("payments.approve_refund",),
        reject_refund=("payments.approve_refund",),
        hand_out_refund=("payments.record_payment",),
        look_again=("payments.approve_refund",),
        resolve_refund=("payments.approve_refund",),
        export=("payments.export_refund",),
    ),
    **pages(
        "payments_provideraccount",
        add=("payments.add_provideraccount",),
        register_urls=("payments.change_provideraccount",),
        switch_mode=("payments.change_provideraccount",),
    ),
    **pages(
        "payments_statementline",
        reconciliation=("payments.view_statementline",),
        book_line=("payments.reconcile_statement",),
        park_line=("payments.reconcile_statement",),
        **{"import": ("payments.load_statement",)},
    ),
    **pages(
        "payments_webhookevent",
        **FROZEN,
        **dict.fromkeys(("replay_event", "deal_with"), ("payments.replay_webhookevent",)),
    ),
}
