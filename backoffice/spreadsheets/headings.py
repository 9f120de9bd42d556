"""Which of our columns a heading means: by its name, by another name, or because it looks alike."""

import re
from difflib import get_close_matches
from functools import lru_cache

from backoffice.spreadsheets.cells import unprotect
from backoffice.spreadsheets.columns import heading_key

# How much each way of finding a column is trusted; content is what its cells look like.
TRUST = {"remembered": 5, "name": 4, "alias": 3, "alike": 2, "content": 1, "": 0}
SURE = ("remembered", "name", "alias")
# fmt: off
# Words that change nothing about what a column holds.
NOISE = {
    "kes", "ksh", "kshs", "ghs", "ghc", "usd", "incl", "inclusive", "including", "excl", "excluding", "vat",
    "tax", "the", "of", "in", "our", "ean", "upc", "gtin",
}
# Words that make another column of it: a total price is no price.
FOREIGN = {
    "supplier", "vendor", "brand", "customer", "total", "value", "old", "previous", "discount", "sale",
    "wholesale", "compare", "date", "currency", "parent", "tag", "tags", "image", "picture", "weight",
    "carton", "case", "pack", "margin", "status",
}
# fmt: on
SPELLINGS = {"qty": "quantity", "desc": "description", "descr": "description", "prod": "product"}
MOST_EXTRA_WORDS = 2
LONGEST_HEADING = 60
# As difflib measures likeness: one wrong letter in seven.
ALIKE = 0.85


def words_of(text):
    """Return the words of a heading that count: `Selling price incl. VAT (KES)` are selling and price."""
    words = re.findall(r"[^\W\d_]+", re.sub(r"\([^()]*\)", "", unprotect(text)).casefold())
    return frozenset(SPELLINGS.get(word, word) for word in words) - NOISE


class Vocabulary:
    """All names of some {name: Column}; `remembered` is {heading key: name, or "" for one to ignore}."""

    def __init__(self, columns, remembered=None):
        self.columns = columns
        self.remembered = {
            key: name for key, name in (remembered or {}).items() if not name or name in self.columns
        }
        self.keys, self.words = {}, {}
        for name, column in self.columns.items():
            self.keys[heading_key(column.column_name)] = (name, "name")
            for text in (column.column_name, *column.aliases):
                self.keys.setdefault(heading_key(text), (name, "alias"))
                if words := words_of(text):
                    self.words.setdefault(words, name)
        self.find = lru_cache(maxsize=4096)(self.find)

    def find(self, heading):
        """Return (name, how it was found), or ("", ""); ("", "remembered") is to be ignored."""
        key = heading_key(heading) if len(heading) <= LONGEST_HEADING else ""
        if not key:
            return "", ""
        if key in self.remembered:
            return self.remembered[key], "remembered"
        if key in self.keys:
            return self.keys[key]
        words = words_of(heading)
        if words in self.words:
            return self.words[words], "alias"
        return self.find_alike(words)

    def find_alike(self, words):
        """Return the column whose name is among the words of a heading with the fewest words to spare."""
        if words & FOREIGN:
            return "", ""
        inside = [known for known in self.words if known < words]
        best = max(inside, key=len, default=frozenset())
        if best and len(words) - len(best) <= MOST_EXTRA_WORDS:
            return self.words[best], "alike"
        return "", ""

    def find_misspelt(self, heading):
        """Return the column that a heading means with a wrong letter, or ("", "")."""
        near = get_close_matches(heading_key(heading[:LONGEST_HEADING]), self.keys, n=1, cutoff=ALIKE)
        return (self.keys[near[0]][0], "alike") if near and not words_of(heading) & FOREIGN else ("", "")
