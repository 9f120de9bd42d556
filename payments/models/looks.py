from django.db import models
from django.utils.translation import gettext_lazy as _


class LookedAfter(models.Model):
    """Money that was asked for or is claimed, and about which its provider is asked.

    While nobody knows, `next_look_at` is when that is done next; `looked_at` is when it was last, `looks` how
    often, `confirmed_at` when the provider said paid.
    """

    next_look_at = models.DateTimeField(_("next look"), null=True, editable=False)
    looks = models.PositiveSmallIntegerField(_("looks"), default=0, editable=False)
    looked_at = models.DateTimeField(_("last look"), null=True, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed by the provider"), null=True, editable=False)

    class Meta:
        abstract = True
