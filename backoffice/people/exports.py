"""Customers as a spreadsheet."""

from django.utils.translation import gettext_lazy as _

from backoffice.spreadsheets.listing import ListColumn, Listing


def spoken_phone(phone):
    """Return +254712345678 as people here write it, 0712 345 678, and numbers of elsewhere as they are.

    It is text for every program, and the import understands it.
    """
    here = str(phone).removeprefix("+254")
    return f"0{here[:3]} {here[3:6]} {here[6:]}" if len(here) == 9 else str(phone)


class CustomerListing(Listing):
    name = _("Customers")
    columns = (
        ListColumn(_("Name"), "name"),
        ListColumn(_("Phone"), "phone", told=spoken_phone),
        ListColumn(_("Email"), "email"),
        ListColumn(_("Note"), "note"),
        ListColumn(_("Active"), "is_active"),
    )
