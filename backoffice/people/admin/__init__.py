from django.contrib import admin
from django.contrib.auth.models import Group
from django_tasks_db.models import DBTaskResult

from backoffice.people.admin.accesses import AccessAdmin
from backoffice.people.admin.businesses import BusinessAdmin
from backoffice.people.admin.customers import CustomerAdmin
from backoffice.people.admin.users import UserAdmin

__all__ = ["AccessAdmin", "BusinessAdmin", "CustomerAdmin", "UserAdmin"]

# Roles are written in backoffice/roles.py, and the work queue is no page for staff.
admin.site.unregister([Group, DBTaskResult])
