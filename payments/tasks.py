"""Work for the background worker. A task may run twice, too late or never: each looks first.

What has to happen is in the rows; tasks only wake the worker sooner than payments.services.sweeping would.
"""

from django_tasks import task

from backoffice.scoping import every_business


@task(queue_name="payments")
def send_prompt(attempt_id):
    """Put an attempt on the customer's phone."""
    from payments.services.prompts import send_attempt

    with every_business():
        send_attempt(attempt_id)


@task(queue_name="payments")
def end_prompt(attempt_id):
    """End an attempt that nobody answered in time."""
    from payments.models import PaymentAttempt
    from payments.services.attempts import end_silent_prompt

    with every_business():
        end_silent_prompt(PaymentAttempt._base_manager.get(pk=attempt_id))


@task(queue_name="payments")
def look_after_attempt(attempt_id):
    """Ask the provider how money that was asked for stands."""
    from payments.services.looking import look_after

    with every_business():
        look_after(attempt_id)


@task(queue_name="payments")
def ask_about_till_money(event_id):
    """Ask Safaricom whether money at the till came."""
    from payments.services.till_looks import ask_about

    with every_business():
        ask_about(event_id)


@task(queue_name="payments")
def deliver_outbox():
    """Do what has to be done outside."""
    from payments.services.outbox import deliver_due

    with every_business():
        deliver_due()


@task(queue_name="payments")
def look_at_refund(refund_id):
    """Ask the provider how a refund stands."""
    from payments.services.refund_sending import look_up_refund

    with every_business():
        look_up_refund(refund_id)
