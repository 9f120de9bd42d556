"""The export of products from WooCommerce: variable products above their variations.

https://github.com/woocommerce/woocommerce/wiki/Product-CSV-Import-Schema
"""

import re
from html import unescape

from inventory.resources.markup import text_of_html
from inventory.resources.shop_rows import ShopRows, heading_keys, with_options, yes_or_no

SIGNATURE = {"type", "sku", "name", "published", "regularprice", "categories"}
NAMES = {
    "id": ["id"],
    "type": ["type"],
    "sku": ["sku"],
    "barcode": ["gtinupceanorisbn", "metaglobaluniqueid"],
    "name": ["name"],
    "published": ["published"],
    "short description": ["shortdescription"],
    "description": ["description"],
    "in stock": ["instock"],
    "stock": ["stock"],
    "reorder level": ["lowstockamount"],
    "price": ["regularprice"],
    "cost": ["costofgoods", "metacost", "metawccogcost"],
    "categories": ["categories"],
    "parent": ["parent"],
    "option 1": ["attribute1value"],
    "option 2": ["attribute2value"],
    "option 3": ["attribute3value"],
}
OPTIONS = ("option 1", "option 2", "option 3")
# They have no price and no stock: one is sold as its variations, the other is a list of products.
NOT_SOLD = {"variable", "grouped"}
# 1 is published, 0 private and -1 a draft.
PUBLISHED = {"1": True, "0": False, "-1": False}
COMMA = re.compile(r"(?<!\\),")

# Our columns, and which of theirs they are made of: without any the column is left out, not cleared.
COLUMNS = {
    "SKU": ["sku"],
    "Name": ["name"],
    "Category": ["categories"],
    "Price": ["price"],
    "Cost": ["cost"],
    "Barcode": ["barcode"],
    "Reorder level": ["reorder level"],
    "Stock": ["stock", "in stock"],
    "Active": ["published"],
    "Description": ["description", "short description"],
}


def recognises(headings):
    """Whether these are the headings of a WooCommerce export."""
    return heading_keys(headings) >= SIGNATURE


def adapt(headings, rows):
    """Return (our headings, iterator of (number, cells) below them) of an export's (number, cells)."""
    shop = ShopRows(headings, NAMES)
    ours = [name for name, theirs in COLUMNS.items() if any(each in shop for each in theirs)]
    return ours, adapted(shop, ours, rows)


def adapted(shop, ours, rows):
    parents = {}
    for number, cells in rows:
        row = shop.read(cells)
        kinds = {kind.strip() for kind in row["type"].casefold().split(",")}
        if "variable" in kinds:
            parents[row["sku"]] = parents[f"id:{row['id']}"] = row
        if kinds & NOT_SOLD:
            continue
        made = our_cells(row, parents.get(row["parent"]) if "variation" in kinds else None)
        yield number, [made[name] for name in ours]


def our_cells(row, parent):
    """Return {our column: text}; what a variation does not say itself it has from its parent."""
    above = parent or dict.fromkeys(row, "")
    description = first(row, "description", "short description") or first(
        above, "description", "short description"
    )
    return {
        "SKU": row["sku"],
        "Name": variation_name(row, parent) if parent else unescape(row["name"]),
        "Category": category(row["categories"] or above["categories"]),
        "Price": row["price"],
        "Cost": row["cost"] or above["cost"],
        "Barcode": row["barcode"],
        "Reorder level": row["reorder level"],
        "Stock": "0" if not row["stock"] and row["in stock"] == "0" else row["stock"],
        "Active": active(row, parent),
        # The export writes line breaks as a backslash and an n.
        "Description": text_of_html(description.replace("\\n", "\n")),
    }


def first(row, *names):
    return next((row[name] for name in names if row[name]), "")


def variation_name(row, parent):
    """Return the name of its own, or that of the parent with what was chosen: `Kitenge - Red / Large`."""
    if row["name"] and row["name"] != parent["name"]:
        return unescape(row["name"])
    return with_options(unescape(parent["name"]), [row[name] for name in OPTIONS])


def category(text):
    """Return the deepest of the paths `A, A > B`, where a comma inside a name has a backslash."""
    paths = [unescape(path.strip()).replace("\\,", ",") for path in COMMA.split(text)]
    return max(paths, key=lambda path: path.count(">"))


def active(row, parent):
    """Return whether it is sold: a variation is when its product is, too."""
    texts = [row["published"], parent["published"]] if parent else [row["published"]]
    answers = [PUBLISHED.get(text) for text in texts if text]
    if None in answers:
        return row["published"] or parent["published"]
    return yes_or_no(all(answers)) if answers else ""
