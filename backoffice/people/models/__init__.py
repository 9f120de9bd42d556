from backoffice.people.models.access import BusinessAccess
from backoffice.people.models.business import Business
from backoffice.people.models.customer import Customer
from backoffice.people.models.user import User

__all__ = ["Business", "BusinessAccess", "Customer", "User"]
