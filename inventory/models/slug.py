from itertools import count

from django.utils.text import slugify

ROOM_FOR_NUMBER = 8
# What slugify() makes of each ASCII character.
LETTERS = {
    code: "-" if char.isspace() or char == "-" else char.lower() if char.isalnum() or char == "_" else None
    for code, char in ((code, chr(code)) for code in range(128))
}


def free_slug(row, text):
    """Return a slug for the row that its business does not use yet: `water`, `water-2`, `water-3`.

    A text without Latin letters or digits gives the row's key.
    """
    base = slug_base(type(row), text) or row.pk.hex
    rows = type(row)._base_manager.filter(business=row.business_id, slug__startswith=base).exclude(pk=row.pk)
    return first_free(base, set(rows.values_list("slug", flat=True)))


def slug_base(model, text):
    """Return the slug that a text asks for, with room for a number; empty for one without Latin letters."""
    longest = model._meta.get_field("slug").max_length - ROOM_FOR_NUMBER
    return quick_slug(text)[:longest].strip("-")


def quick_slug(text):
    """Return what slugify() does, in a quarter of the time where nothing has to be transcribed."""
    if not text.isascii():
        return slugify(text)
    slug = text.translate(LETTERS)
    while "--" in slug:
        slug = slug.replace("--", "-")
    return slug.strip("-_")


def first_free(base, taken):
    """Return the first of base, base-2, base-3 ... that is not taken."""
    return next(slug for slug in numbered(base) if slug not in taken)


def numbered(base):
    """Yield base, base-2, base-3 ... without end."""
    yield base
    yield from (f"{base}-{n}" for n in count(2))
