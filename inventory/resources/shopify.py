"""The export of products from Shopify, with its older headings (Handle, Variant SKU) and its newer ones.

A product has a row for each variant and each further picture; only the first one has title and status.
https://help.shopify.com/en/manual/products/import-export/using-csv
"""

from inventory.resources.markup import text_of_html
from inventory.resources.shop_rows import ShopRows, heading_keys, with_options, yes_or_no

SIGNATURES = [
    {"handle", "title", "variantsku", "variantprice"},
    {"urlhandle", "title", "sku", "price", "option1value"},
]
NAMES = {
    "handle": ["handle", "urlhandle"],
    "title": ["title"],
    "body": ["body", "bodyhtml", "description"],
    "category": ["productcategory", "standardproducttype"],
    "type": ["type", "customproducttype"],
    "status": ["status"],
    "published": ["published", "publishedononlinestore"],
    "option 1": ["option1value"],
    "option 2": ["option2value"],
    "option 3": ["option3value"],
    "sku": ["variantsku", "sku"],
    "barcode": ["variantbarcode", "barcode"],
    "price": ["variantprice", "price"],
    "cost": ["costperitem"],
    "stock": ["variantinventoryqty", "inventoryquantity"],
    "tracker": ["variantinventorytracker", "inventorytracker"],
}
OPTIONS = ("option 1", "option 2", "option 3")
# What a variant has of its own; a row without any of it is a picture.
OF_A_VARIANT = (*OPTIONS, "sku", "barcode", "price")
OF_THE_PRODUCT = ("title", "body", "category", "type", "status", "published")
# What Shopify calls the only variant of a product without options.
NO_OPTION = "Default Title"
STATUSES = {"active": True, "unlisted": True, "draft": False, "archived": False}
PUBLISHED = {"true": True, "false": False}

# Our columns, and which of theirs they are made of: without any the column is left out, not cleared.
COLUMNS = {
    "SKU": ["sku"],
    "Name": ["title"],
    "Category": ["category", "type"],
    "Price": ["price"],
    "Cost": ["cost"],
    "Barcode": ["barcode"],
    "Stock": ["stock"],
    "Active": ["status", "published"],
    "Description": ["body"],
}


def recognises(headings):
    """Whether these are the headings of a Shopify export."""
    keys = heading_keys(headings)
    return any(signature <= keys for signature in SIGNATURES)


def adapt(headings, rows):
    """Return (our headings, iterator of (number, cells) below them) of an export's (number, cells)."""
    shop = ShopRows(headings, NAMES)
    ours = [name for name, theirs in COLUMNS.items() if any(each in shop for each in theirs)]
    return ours, adapted(shop, ours, rows)


def adapted(shop, ours, rows):
    product = {}
    for number, cells in rows:
        row = shop.read(cells)
        if not row["handle"] or row["handle"] != product.get("handle"):
            product = row
        elif not any(row[name] for name in OF_A_VARIANT):
            continue
        row |= {name: row[name] or product[name] for name in OF_THE_PRODUCT}
        made = our_cells(row, "tracker" in shop)
        yield number, [made[name] for name in ours]


def our_cells(row, has_tracker):
    options = [row[name] for name in OPTIONS if row[name] != NO_OPTION]
    # A variant that Shopify does not count says 0.
    is_counted = row["tracker"] or not has_tracker or row["stock"] != "0"
    return {
        "SKU": row["sku"].removeprefix("'"),
        "Name": with_options(row["title"], options) if row["title"] else "",
        "Category": row["category"] or row["type"],
        "Price": row["price"],
        "Cost": row["cost"],
        "Barcode": row["barcode"].removeprefix("'"),
        "Stock": row["stock"] if is_counted else "",
        "Active": active(row),
        "Description": text_of_html(row["body"]),
    }


def active(row):
    """Return whether it is sold. The status decides: what is not on the website is sold over the counter."""
    for text, answers in ((row["status"], STATUSES), (row["published"], PUBLISHED)):
        if text:
            answer = answers.get(text.casefold())
            return text if answer is None else yes_or_no(answer)
    return ""
