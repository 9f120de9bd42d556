"""Every model is scoped, and every row's past can be told."""

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, models, transaction
from django_scopes import ScopeError

from backoffice.guards import all_guards, drop_guards, install_guards, missing_guards
from backoffice.models import BusinessOwned, Frozen
from backoffice.scoping import business_scope
from inventory.models import Product, StockMovement
from tests.builders import make_business, make_category, make_product

OURS = {"people", "inventory", "sales", "payments", "imports"}
# Rows that all businesses of the group share, each for a reason written on the model.
SHARED = {"people.User", "people.Business", "people.Customer"}


def own_models():
    return [
        model
        for model in apps.get_models()
        if model._meta.app_label in OURS and not hasattr(model, "instance_type")
    ]


def test_every_model_belongs_to_a_business_or_is_on_the_short_list_of_shared_ones():
    stray = {model._meta.label for model in own_models() if not issubclass(model, BusinessOwned)}
    assert stray == SHARED


def test_every_model_has_history_or_is_append_only():
    assert not [
        model._meta.label
        for model in own_models()
        if not issubclass(model, Frozen) and not hasattr(model, "history")
    ]


def test_no_number_is_kept_as_a_float():
    floats = [f for model in own_models() for f in model._meta.fields if isinstance(f, models.FloatField)]
    assert not floats


def test_a_query_outside_a_scope_raises():
    for model in own_models():
        if issubclass(model, BusinessOwned):
            with pytest.raises(ScopeError):
                model.objects.count()


@pytest.mark.django_db
def test_a_scope_shows_the_rows_of_its_businesses_only():
    ours, theirs = make_business(), make_business()
    product = make_product(ours)
    make_product(theirs)
    with business_scope(ours):
        assert [*Product.objects.all()] == [product]
    with business_scope():
        assert not Product.objects.exists()


@pytest.mark.django_db
def test_a_reference_to_another_business_is_a_form_error_and_a_database_error():
    product, foreign = make_product(make_business()), make_category(make_business())
    product.category = foreign
    with pytest.raises(ValidationError, match="another business"):
        product.clean()
    with pytest.raises(DatabaseError, match="another business"), transaction.atomic():
        Product._base_manager.filter(pk=product.pk).update(category=foreign)


@pytest.mark.django_db
def test_a_row_cannot_move_to_another_business():
    product = make_product(make_business())
    with pytest.raises(DatabaseError, match="cannot change its business"), transaction.atomic():
        Product._base_manager.filter(pk=product.pk).update(business=make_business())


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql", ["UPDATE inventory_stockmovement SET quantity = 99", "DELETE FROM inventory_stockmovement"]
)
def test_append_only_rows_resist_raw_sql_as_long_as_the_guards_stand(sql):
    make_product(make_business(), stock=5)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        execute(sql)
    # The control: without the guards the same statement gets through.
    drop_guards()
    execute(sql)
    assert not StockMovement._base_manager.filter(quantity=5).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["save", "delete"])
def test_append_only_rows_refuse_save_and_delete(change):
    make_product(make_business(), stock=5)
    movement = StockMovement._base_manager.get()
    with pytest.raises(TypeError, match="append-only"):
        getattr(movement, change)()


@pytest.mark.django_db
def test_history_rows_are_append_only_too():
    make_product(make_business())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        execute("UPDATE inventory_historicalproduct SET name = 'rewritten'")


@pytest.mark.django_db
def test_guards_are_installed_by_migrate_and_their_absence_is_seen():
    assert missing_guards() == []
    drop_guards()
    assert missing_guards() == sorted(name for _, name, *_ in all_guards())
    install_guards()
    assert missing_guards() == []


def execute(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
