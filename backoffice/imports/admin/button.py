from urllib.parse import urlencode

from django.http import HttpResponseRedirect
from django.urls import path, reverse

from backoffice.imports.queries import importable


class SpreadsheetImport:
    """Adds Import to a list; `import_resources` are the names of what its rows can be loaded with."""

    import_resources = ()
    import_export_change_list_template = "admin/import_export/change_list_import_export.html"

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_import"
        here = path("import/", self.admin_site.admin_view(self.go_to_import), name=name)
        return [here, *super().get_urls()]

    def has_import_permission(self, request):
        return any(each.name in self.import_resources for each in importable(request.user))

    def go_to_import(self, request):
        """Lead to the page that asks for the file; with several kinds of files it asks which first."""
        asked = urlencode({"resource": self.import_resources}, doseq=True)
        return HttpResponseRedirect(f"{reverse('admin:imports_importjob_add')}?{asked}")

    def changelist_view(self, request, extra_context=None):
        shown = {"has_import_permission": self.has_import_permission(request)}
        return super().changelist_view(request, {**(extra_context or {}), **shown})
