"""What the worker does for the catalogue."""

from django_tasks import task


@task(queue_name="default")
def apply_due_prices():
    """Apply the prices whose day has come."""
    from backoffice.scoping import every_business
    from inventory.services.planned_prices import apply_due_prices

    with every_business():
        apply_due_prices()
