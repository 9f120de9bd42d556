"""The categories that a file names: found in the tree whatever their case, or planned as new ones."""

from uuid import UUID

from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from backoffice.errors import RuleBroken
from backoffice.imports.resource import PreviewOutdated
from inventory.models import Category
from inventory.services.categories import save_category, split_path

# More are a sign that another column was taken for the category.
MOST_NEW = 2000


class CategoryTree:
    """The tree of one business, read once. `new` is {path: key} of what the file would add, parents first."""

    def __init__(self, business, most_new=MOST_NEW):
        self.business, self.most_new = business, most_new
        self.exact, self.folded = {}, {}
        self.paths = {}
        self.new = {}
        rows = Category._base_manager.filter(business=business).order_by("-path")
        for path, key in rows.values_list("path", "pk"):
            self.add(path, key)

    def add(self, path, key):
        names = tuple(split_path(path))
        self.exact[names] = self.folded[fold(names)] = (path, key)
        self.paths[key.hex] = path

    def find(self, names):
        """Return (path, key) of the category with these names, or None."""
        return self.exact.get(names) or self.folded.get(fold(names))

    def path(self, key):
        """Return the path of a key, whichever way a database gives it."""
        return self.paths.get(key.hex if isinstance(key, UUID) else key, "") if key else ""

    def key(self, names, *, may_create):
        """Return the key of the category with these names, planned if need be.

        Raises ValueError for an unknown one that may not be created, RuleBroken when there are too many.
        """
        found = self.find(names)
        if found is None and not may_create:
            text = _(
                "There is no category “%s”. Correct it, or allow new categories when you choose the file."
            )
            raise ValueError(text % Category.SEPARATOR.join(names))
        return found[1] if found else self.plan(names)

    def plan(self, names):
        """Note what is missing on the way to a category. Returns the key that it will have."""
        path = ""
        for depth in range(1, len(names) + 1):
            found = self.find(names[:depth])
            if found is None:
                name = names[depth - 1]
                found = (f"{path}{Category.SEPARATOR}{name}" if path else name, uuid7())
                self.add(*found)
                self.new[found[0]] = found[1]
            path = found[0]
        if len(self.new) > self.most_new:
            raise RuleBroken(
                _("This file would create more than %d categories. Is the right column chosen for them?")
                % self.most_new
            )
        return found[1]

    def planned(self):
        """Return what is planned as JSON, for plan_again()."""
        return [[path, key.hex] for path, key in self.new.items()]

    def plan_again(self, planned):
        """Take up what was planned; raises PreviewOutdated when the tree is another one by now."""
        for path, key in planned:
            *above, name = split_path(path)
            parent = self.find(tuple(above)) if above else None
            found = self.find((*above, name))
            if (found and found[1].hex != key) or (above and not parent):
                raise PreviewOutdated(_("The categories were changed since the preview."))
            self.add(path, UUID(key))
            self.new[path] = UUID(key)

    def needed(self, keys):
        """Return the planned [(path, key)] that rows with these keys need, parents first."""
        paths = set()
        for key in keys:
            names = self.path(key).split(Category.SEPARATOR)
            paths.update(Category.SEPARATOR.join(names[:depth]) for depth in range(1, len(names) + 1))
        return [(path, key) for path, key in self.new.items() if path in paths]

    def create_planned(self, keys, *, by, reason, at):
        """Create the planned categories, parents first; raises PreviewOutdated if one exists by now."""
        for path, key in self.needed(keys):
            *above, name = split_path(path)
            parent = self.find(tuple(above))[1] if above else None
            category = Category(id=key, business=self.business, parent_id=parent, name=name)
            category._history_date = at  # by which undoing knows what an import wrote
            try:
                save_category(category, by=by, reason=reason)
            except RuleBroken as rule:  # somebody made it a moment ago
                raise PreviewOutdated(str(rule)) from rule


def fold(names):
    return tuple(name.casefold() for name in names)
