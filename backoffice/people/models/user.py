from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin, UserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.models import UUIDModel


class EmailUserManager(UserManager):
    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)


class User(UUIDModel, AbstractBaseUser, PermissionsMixin):
    """Somebody who logs in. What he may do comes from his BusinessAccess rows, or from is_superuser."""

    email = models.EmailField(_("email"), unique=True, help_text=_("The login name."))
    username = models.CharField(
        _("username"), max_length=150, unique=True, validators=[UnicodeUsernameValidator()]
    )
    first_name = models.CharField(_("first name"), max_length=150, blank=True)
    last_name = models.CharField(_("last name"), max_length=150, blank=True)
    is_staff = models.BooleanField(_("may log in to the back office"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)

    # Set before a save for the history row that it leaves: who changed the row, and why.
    _history_user: models.Model | None
    _change_reason: str

    objects = EmailUserManager()
    history = HistoricalRecords(excluded_fields=["password", "last_login"])

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["username"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["email"]

    def __str__(self):
        return self.get_full_name() or self.email

    @property
    def is_admin(self):
        return self.is_superuser

    @property
    def orders(self):
        """The orders this person placed as a customer."""
        return self.customer.orders

    @property
    def payments(self):
        """The payments this person made as a customer."""
        return self.customer.payments

    def get_full_name(self):
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self):
        return self.first_name or self.email
