"""The people of the demo: three businesses, who works there with which role, and their customers."""

import json

from backoffice.demo import FIXTURES, clock_at, read_rows
from backoffice.people.models import Business, Customer, User
from backoffice.people.services.access import grant_access
from backoffice.people.services.businesses import save_business
from backoffice.people.services.customers import save_customer
from backoffice.people.services.people import add_person, change_person

PASSWORD = "karibu-back-office"
ADMIN = "admin@example.com"


def found_businesses(story):
    """Create the businesses and everybody in them, on the morning before the first day."""
    with clock_at(story.moment(0)):
        admin = add_person(email=ADMIN, password=PASSWORD, first_name="Admin", by=None)
        admin = change_person(admin, is_superuser=True, by=None)
        for row in read_businesses():
            business = found_business(row, by=admin)
            story.businesses.append(business)
            for person in row["people"]:
                story.people[business, person["role"]].append(hire(business, person, by=admin))
        for row in read_rows("customers.csv"):
            note = "Firm; buys on credit." if row["kind"] == "firm" else ""
            customer = Customer(name=row["name"], phone=row["phone"], email=row["email"], note=note)
            customer = save_customer(customer, by=admin, reason="from the old book")
            story.customers[row["kind"]].append(customer)


def read_businesses():
    return json.loads((FIXTURES / "businesses.json").read_text(encoding="utf-8"))


def found_business(row, *, by):
    names = ("code", "name", "kind", "currency", "time_zone", "colour")
    business = Business(**{name: row[name] for name in names})
    return save_business(business, by=by, reason="opened")


def hire(business, row, *, by):
    """Give somebody a login, unless he has one from another business, and his role in this business."""
    person = User.objects.filter(email=row["email"]).first()
    if person is None:
        names = {name: row[name] for name in ("email", "first_name", "last_name")}
        return add_person(**names, password=PASSWORD, business=business, role=row["role"], by=by)
    grant_access(person, business=business, role=row["role"], by=by)
    return person


def demo_logins():
    """Return (email, what he is) of everybody in the demo's files who has an active login here."""
    roles = {ADMIN: ["administrator, everything"]}
    for row in read_businesses():
        for person in row["people"]:
            roles.setdefault(person["email"], []).append(f"{person['role']} of {row['name']}")
    active = set(User.objects.filter(email__in=roles, is_active=True).values_list("email", flat=True))
    return [(email, ", ".join(parts)) for email, parts in roles.items() if email in active]
