"""Abstract models that the apps build on; no table of its own lives here."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager
from uuid_utils.compat import uuid7


class UUIDModel(models.Model):
    """A row whose key is a UUID version 7: time-ordered, so that indexes stay dense."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True


class TimeStamped(models.Model):
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    # Set before a save for the history row that it leaves: who changed the row, and why.
    _history_user: models.Model | None
    _change_reason: str
    # Its moment, where it is another than the one of the save.
    _history_date: datetime

    class Meta:
        abstract = True


class BusinessOwned(models.Model):
    """A row that belongs to one business, for ever, and refers only to rows of the same business.

    The default manager shows the businesses of the active scope and raises ScopeError without one.
    Database guards (backoffice/guards.py) hold both rules against raw SQL too.
    """

    business = models.ForeignKey(
        "people.Business", models.PROTECT, verbose_name=_("business"), related_name="+"
    )

    objects = ScopedManager(business="business")

    class Meta:
        abstract = True

    @classmethod
    def same_business_fields(cls):
        """The foreign keys of this model that point at rows of a business."""
        return [
            field
            for field in cls._meta.concrete_fields
            if field.many_to_one and issubclass(field.related_model, BusinessOwned)
        ]

    def clean(self):
        super().clean()
        for field in self.same_business_fields():
            related = getattr(self, field.name) if getattr(self, field.attname) else None
            if related is not None and self.business_id and related.business_id != self.business_id:
                raise ValidationError({field.name: _("This belongs to another business.")})


class Frozen(models.Model):
    """An append-only row: saved once, never changed or deleted. Undo is a second row that reverses it.

    `mutable_fields` names the few columns that may still be written, such as the outcome of an event.
    """

    mutable_fields: tuple[str, ...] = ()

    class Meta:
        abstract = True

    def save(self, *args, update_fields=None, **kwargs):
        if not self._state.adding and not (update_fields and set(update_fields) <= set(self.mutable_fields)):
            raise TypeError(f"{self._meta.verbose_name} {self.pk} is append-only and cannot be changed.")
        super().save(*args, update_fields=update_fields, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError(f"{self._meta.verbose_name} {self.pk} is append-only and cannot be deleted.")
