from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminTextareaWidget

from backoffice.people.backend import businesses_with
from backoffice.people.models import Customer
from sales.admin.choices import CustomerChoices, CustomerSelect, ProductChoices
from sales.admin.forms import OrderForm
from sales.admin.items import ItemInline
from sales.admin.order_list import STATUS_LABELS, OrderList
from sales.models import Order
from sales.services.items import change_items
from sales.services.orders import create_order, edit_order
from sales.timeline import timeline


@admin.register(Order)
class OrderAdmin(OrderList):
    """An order's page. Everything is written by services: the form only carries what was typed."""

    form = OrderForm
    inlines = [ItemInline]
    fields = ["customer", "warehouse", "note"]
    change_form_outer_before_template = "sales/order_head.html"
    change_form_before_template = "sales/order_version.html"
    change_form_outer_after_template = "sales/order_timeline.html"

    def get_urls(self):
        view = self.admin_site.admin_view
        choices = [("customers", CustomerChoices), ("products", ProductChoices)]
        own = [
            path(f"{name}/", view(each.as_view(admin_site=self.admin_site)), name=f"sales_order_{name}")
            for name, each in choices
        ]
        return own + super().get_urls()

    def has_delete_permission(self, request, obj=None):
        return False

    def get_readonly_fields(self, request, obj=None):
        fields = [*super().get_readonly_fields(request, obj)]
        if obj is not None:
            fields += ["warehouse"] if obj.is_editable else ["warehouse", "customer"]
        return fields

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "customer":
            kwargs["widget"] = CustomerSelect(db_field, self.admin_site)
        if db_field.name == "note":
            kwargs["widget"] = UnfoldAdminTextareaWidget(attrs={"rows": 2})
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        for name in ("can_change_related", "can_delete_related", "can_view_related"):
            setattr(field.widget, name, False)
        if db_field.name == "warehouse":
            field.widget.can_add_related = False
        if db_field.name == "customer":
            field.widget.template_name = "sales/customer_widget.html"
        return field

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        form.business = obj.business if obj else request.business
        return form

    def get_changeform_initial_data(self, request):
        """A link such as `add/?customer=…` fills in the customer, if there is one of that key."""
        try:
            return {"customer": Customer.objects.get(pk=request.GET["customer"]).pk}
        except (KeyError, ValidationError, Customer.DoesNotExist):
            return {}

    def add_view(self, request, form_url="", extra_context=None):
        """An order is of one business: with several at hand, it is asked for first."""
        allowed = businesses_with(request.user, "sales.add_order")
        choices = [each for each in request.businesses if each.pk in allowed]
        asked = [each for each in choices if str(each.pk) == request.GET.get("business")]
        if len(choices) > 1 and not asked:
            return self.ask_for_business(request, choices)
        request.business = (asked or choices or [None])[0]
        saved = self.get_object(request, request.POST.get("key", ""))
        if saved is not None:
            # The answer to the first save was lost on its way.
            self.message_user(request, _("%s was saved before; here it is.") % saved)
            return self.response_post_save_add(request, saved)
        return super().add_view(request, form_url, {"title": _("New order"), **(extra_context or {})})

    def ask_for_business(self, request, choices):
        context = {
            **self.admin_site.each_context(request),
            "title": _("New order"),
            "opts": self.opts,
            "choices": choices,
        }
        return TemplateResponse(request, "sales/choose_business.html", context)

    def save_row(self, request, row, form, change):
        if not change:
            create_order(row, by=request.user)
            return
        values = {name: form.cleaned_data[name] for name in self.fields if name in form.changed_data}
        if values:
            edit_order(row, by=request.user, **values)

    def save_formset(self, request, form, formset, change):
        items = formset.save(commit=False)
        if items or formset.deleted_objects:
            change_items(form.instance, by=request.user, save=items, remove=formset.deleted_objects)

    def response_post_save_add(self, request, obj):
        return HttpResponseRedirect(reverse("admin:sales_order_change", args=[obj.pk]))

    response_post_save_change = response_post_save_add

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context |= {"show_save_and_continue": False, "show_save_and_add_another": False}
        if obj is not None and change:
            context |= {
                "status_label": STATUS_LABELS.get(obj.status, ""),
                "order_panels": settings.ORDER_PANELS,
                "timeline": timeline(obj),
            }
        return super().render_change_form(request, context, add, change, form_url, obj)
