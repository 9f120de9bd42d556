"""Customers in a spreadsheet: told apart by their phones, whichever way those are written."""

import re

import phonenumbers
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.imports.resource import ImportResource
from backoffice.people.models import Customer
from backoffice.people.services.customer_files import bought_since
from backoffice.spreadsheets.columns import Column
from backoffice.spreadsheets.numbers import shortened
from backoffice.spreadsheets.widgets import CellWidget, YesNoWidget

# Where the phones of a business that counts in a currency mostly are; else as PHONENUMBER_DEFAULT_REGION.
REGIONS = {"KES": "KE", "GHS": "GH", "UGX": "UG", "TZS": "TZ"}
NUMBER_OF_EXCEL = re.compile(r"[0-9]+([.,][0-9]+)?[eE]\+?[0-9]+")
KEPT, CLEARED = gettext_lazy("Stays as it is."), gettext_lazy("Cleared.")


class PhoneWidget(CellWidget):
    """A phone as people write it: 0712 345 678, 712345678, 254712345678 or +254 712 345678.

    `currency` is that of the business and tells in which country a number without its code is.
    """

    currency = ""

    def read(self, text):
        if NUMBER_OF_EXCEL.fullmatch(text):
            raise ValueError(
                _("Excel has shortened this phone to %s. Format the column as text and type it again.") % text
            )
        for candidate, region in self.readings(text):
            phone = parse(candidate, region)
            if phone:
                return phone
        raise ValueError(
            _("“%s” is no phone number. Write it as 0712 345 678 or +254712345678.") % shortened(text)
        )

    def readings(self, text):
        """Yield what a text could mean: a number here, one with the code of a country, one where most are."""
        yield text, REGIONS.get(self.currency, settings.PHONENUMBER_DEFAULT_REGION)
        yield f"+{text.removeprefix('00')}", None
        yield text, settings.PHONENUMBER_DEFAULT_REGION


def parse(text, region):
    """Return a phone as +254712345678, or an empty text when there is no such number."""
    try:
        phone = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ""
    written = phonenumbers.format_number(phone, phonenumbers.PhoneNumberFormat.E164)
    return written if phonenumbers.is_valid_number(phone) else ""


class EmailWidget(CellWidget):
    def read(self, text):
        Customer._meta.get_field("email").run_validators(text)
        return text


# fmt: off
ALIASES = {
    "phone": [
        "phone_number", "mobile", "mobile_number", "mobile_phone", "telephone", "tel", "cell", "cellphone",
        "msisdn", "mpesa_number", "contact", "whatsapp",
    ],
    "name": ["customer", "customer_name", "full_name", "client", "client_name", "company"],
    "email": ["e-mail", "email_address", "mail"],
    "note": ["notes", "remarks", "comment", "comments", "address"],
    "is_active": ["is_active", "enabled"],
}
# fmt: on


class CustomerImport(ImportResource):
    """The part of CustomerResource that the engine of imports asks."""

    name = "customers"
    title = gettext_lazy("Customers")
    permission = "people.import_customer"
    title_sql = "COALESCE(t.name, '')"

    def repeated(self, others):
        text = _("This phone is also in row %s.") if len(others) == 1 else _("This phone is also in rows %s.")
        return text % ", ".join(map(str, others[:5]))

    def used_since(self, undo):
        return bought_since(undo)


class CustomerResource(CustomerImport):
    """Customers by phone. They are shared by the businesses; a login is never touched by a file."""

    phone = Column(
        "phone",
        "Phone",
        PhoneWidget(),
        aliases=ALIASES["phone"],
        needed="always",
        examples=["0712 345 678", "+254 733 123456"],
        when_empty=gettext_lazy("Refused. The phone says which customer the row is about."),
    )
    name = Column(
        "name",
        "Name",
        CellWidget(),
        aliases=ALIASES["name"],
        needed="new",
        examples=["Amina Wanjiku", "Baraka Hotel"],
    )
    email = Column(
        "email",
        "Email",
        EmailWidget(),
        aliases=ALIASES["email"],
        examples=["amina@example.com", ""],
        when_empty=CLEARED,
    )
    note = Column(
        "note",
        "Note",
        CellWidget(),
        aliases=ALIASES["note"],
        examples=["", "Delivers on Fridays only"],
        when_empty=CLEARED,
    )
    is_active = Column(
        "is_active",
        "Active",
        YesNoWidget(),
        aliases=ALIASES["is_active"],
        keeps=True,
        examples=["TRUE", "TRUE"],
        when_empty=KEPT,
    )

    class Meta:
        model = Customer
        import_id_fields = ["phone"]
        fields = ["phone", "name", "email", "note", "is_active"]
