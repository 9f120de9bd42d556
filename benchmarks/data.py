"""Product rows made up the same way every time: eight columns, about 240 bytes, fifty categories."""

import csv
from decimal import Decimal

from openpyxl import Workbook

CATEGORIES = [f"Group {n % 5 + 1} > Shelf {n + 1:02d}" for n in range(50)]
GOODS = (
    "maize flour sugar tea leaves cooking oil rice beans soap bleach matches candle battery bread milk "
    "salt pepper onion tomato juice water bottle refill jerrycan dispenser tap filter sponge brush towel"
)
WORDS = GOODS.split()


def product(n, variant="as it is"):
    """Return the values of product number n by heading.

    The variant `texts` says every text differently, `prices` the price, with a count of the stock.
    """
    rewritten = variant == "texts"
    said = n + 5000 if rewritten else n
    price = Decimal(n % 9000 + 150) / 10 + (1 if variant == "prices" else 0)
    values = {
        "SKU": f"BEN-{n:06d}",
        "Name": f"{word(said).title()} {word(said // 7)} {said}",
        "Category": CATEGORIES[n % len(CATEGORIES)],
        "Price": price.quantize(Decimal("0.01")),
        "Cost": (Decimal(n % 9000 + 100) / 20).quantize(Decimal("0.01")),
        "Barcode": f"{616000000000 + n + rewritten * 1000000}",
        "Active": "TRUE",
        "Description": f"For every day: {story(said)}",
    }
    return values | {"Stock": n % 40 + 1} if variant == "prices" else values


def story(n):
    return " ".join(word(n * 5 + i * (n % 11 + 1)) for i in range(22))


def word(n):
    return WORDS[n % len(WORDS)]


def products(rows, variant="as it is"):
    """Yield the values of the first products, one dictionary each."""
    return (product(n, variant) for n in range(rows))


def write_csv(path, rows, variant="as it is"):
    """Write a file of so many products as text, as a supplier's program would; returns its path."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, product(0, variant))
        writer.writeheader()
        writer.writerows(products(rows, variant))
    return path


def write_xlsx(path, rows, variant="as it is"):
    """Write a workbook of so many products, prices as numbers; returns its path."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Products")
    sheet.append(list(product(0, variant)))
    for values in products(rows, variant):
        sheet.append(list(values.values()))
    book.save(path)
    return path
