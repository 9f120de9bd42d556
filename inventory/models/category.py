from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.models import BusinessOwned, TimeStamped, UUIDModel
from inventory.models.slug import free_slug

# UNION rather than UNION ALL: a row is visited once, so even a broken tree ends.
DESCENDANTS = """
WITH RECURSIVE tree(id) AS (
    SELECT id FROM inventory_category WHERE id = %s
    UNION SELECT c.id FROM inventory_category c JOIN tree ON c.parent_id = tree.id
) SELECT id FROM tree
"""


class Category(UUIDModel, BusinessOwned, TimeStamped):
    """A shelf in the tree of the catalogue. `path` is kept by inventory.services.categories."""

    SEPARATOR = " > "

    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(_("slug"), max_length=220, blank=True)
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children", verbose_name=_("parent")
    )
    path = models.CharField(_("path"), max_length=1000, editable=False, db_index=True)
    description = models.TextField(_("description"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    history = HistoricalRecords(excluded_fields=["path"])

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["path"]
        permissions = [
            ("export_category", _("Can export categories")),
            ("import_category", _("Can import categories")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["business", "parent", "name"],
                name="category_name_unique_in_parent",
                violation_error_message=_("There is already a category of this name here."),
            ),
            models.UniqueConstraint(
                fields=["business", "name"],
                condition=models.Q(parent=None),
                name="category_name_unique_at_top",
                violation_error_message=_("There is already a category of this name here."),
            ),
            models.UniqueConstraint(
                fields=["business", "slug"],
                name="category_slug_unique",
                violation_error_message=_("There is already a category with this slug."),
            ),
        ]

    def __str__(self):
        return self.path or self.name

    def clean(self):
        super().clean()
        if self.SEPARATOR.strip() in self.name:
            raise ValidationError(
                {"name": _("A name cannot contain “>”; it separates the levels of the tree.")}
            )
        if self.parent_id and self.pk and self.parent_id in self.descendant_ids():
            raise ValidationError({"parent": _("A category cannot be moved into itself or below itself.")})

    def save(self, *args, **kwargs):
        if not self.slug:
            self.slug = free_slug(self, self.path or self.name)
        super().save(*args, **kwargs)

    def descendant_ids(self):
        """Return the ids of this category and of every category below it."""
        rows = type(self)._base_manager.raw(DESCENDANTS, [self.pk.hex if needs_hex() else self.pk])
        return [row.pk for row in rows]


def needs_hex():
    """SQLite keeps a UUID as 32 hex digits; raw SQL has to say so."""
    from django.db import connection

    return not connection.features.has_native_uuid_field
