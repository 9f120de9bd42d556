"""What suppliers, tills and web shops call the columns of products. Case, spaces and signs do not count."""

# fmt: off
ALIASES = {
    "sku": [
        "product_sku", "item_code", "product_code", "stock_code", "article_code", "article_no",
        "article_number", "art_no", "item_no", "item_number", "part_no", "part_number",
        "variant_sku", "code",
    ],
    "name": [
        "product_name", "item_name", "item_description", "article_name", "product_title", "title",
        "product", "item",
    ],
    "category": [
        "category_name", "category_path", "product_category", "item_category", "product_group",
        "item_group", "department", "categories",
    ],
    "price": [
        "unit_price", "selling_price", "unit_selling_price", "retail_price", "sales_price",
        "list_price", "regular_price", "variant_price", "rrp",
    ],
    "cost": ["cost_price", "unit_cost", "buying_price", "purchase_price", "cost_per_item", "cost_of_goods"],
    "barcode": [
        "ean", "ean13", "ean_code", "upc", "gtin", "bar_code", "barcode_number", "product_barcode",
        "variant_barcode", "GTIN, UPC, EAN, or ISBN",
    ],
    "reorder_level": [
        "minimum_stock", "min_stock", "minimum_quantity", "min_qty", "reorder_point",
        "low_stock_amount",
    ],
    "stock": [
        "quantity", "stock_quantity", "qty", "stock_qty", "stock_level", "stock_on_hand",
        "qty_on_hand", "quantity_on_hand", "on_hand", "inventory_quantity", "variant_inventory_qty",
    ],
    "is_active": ["is_active", "enabled", "published"],
    "description": ["product_description", "long_description", "details"],
}
# fmt: on
