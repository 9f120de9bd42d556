from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.models import BusinessOwned, Frozen


class OutboxTopic(models.TextChoices):
    REFUND = "refund", _("Refund")


class OutboxItem(BusinessOwned, Frozen):
    """Something to be done outside, written in the transaction that decided it and done after its commit.

    `key` makes it happen once: the same thing is written only once, and goes out under the same key however
    often it is tried. `subject` is the key of the row that it is about.
    """

    mutable_fields = ("tries", "next_try_at", "done_at", "problem")

    topic = models.CharField(_("what"), max_length=20, choices=OutboxTopic)
    key = models.CharField(max_length=100, unique=True, editable=False)
    subject = models.UUIDField(editable=False)
    created_at = models.DateTimeField(_("written"), auto_now_add=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(_("next try"), default=timezone.now)
    done_at = models.DateTimeField(_("done"), null=True)
    problem = models.CharField(_("problem"), max_length=255, blank=True)

    class Meta:
        verbose_name = _("outgoing request")
        verbose_name_plural = _("outgoing requests")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(done_at=None), name="outbox_undone"),
        ]

    def __str__(self):
        return f"{self.get_topic_display()} {self.key}"
