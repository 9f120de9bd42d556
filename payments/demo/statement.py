"""The statement of the demo: yesterday as M-Pesa tells it, which is not quite what the books say."""

import csv
from datetime import datetime, time, timedelta
from io import BytesIO, StringIO

from django.utils import timezone

from backoffice.imports.models import ImportJob
from backoffice.imports.services import steps
from backoffice.imports.services.jobs import confirm_job, open_job
from payments.demo.bank import keeper_of_books
from payments.gateways.mpesa import NAIROBI, mask_phone
from payments.models import Payment, PaymentMethod
from payments.models.payment import RECEIVED

HEADINGS = ["Receipt No.", "Completion Time", "Details", "Transaction Status", "Paid In", "Withdrawn"]


def load_statement(story):
    """Load the statement of yesterday of the first business, as its accountant does in the morning."""
    business = story.businesses[0]
    by = keeper_of_books(story, business)
    file = BytesIO(statement_of(story, business).encode())
    job = open_job(business, resource="mpesa_statement", file=file, name="mpesa-yesterday.csv", by=by)
    job = work(job)
    work(confirm_job(job, fingerprint=job.report["fingerprint"], by=by))


def work(job):
    """Do at once what the worker would do, until the job waits for a person. Returns it."""
    job = ImportJob.objects.get(pk=job.pk)
    while job.is_working:
        getattr(steps, steps.STEPS[job.status])(job.pk)
        job = ImportJob.objects.get(pk=job.pk)
    return job


def statement_of(story, business):
    """Return the file: yesterday's payments but the last, one that nobody booked, and money that went out."""
    yesterday = story.real_now.astimezone(NAIROBI).date() - timedelta(days=1)
    begin = datetime.combine(yesterday, time(), NAIROBI)
    payments = Payment.objects.filter(
        business=business,
        method=PaymentMethod.MPESA,
        status__in=RECEIVED,
        paid_at__range=(begin, begin + timedelta(days=1)),
    )
    booked = list(payments.exclude(transaction_id=None).order_by("paid_at"))[:-1]
    told = [
        (each.transaction_id, each.paid_at, f"Pay Bill from {mask_phone(each.payer_phone)}", each.amount, "")
        for each in booked
    ]
    told += [
        (
            "UKRDEMO001",
            begin + timedelta(hours=13, minutes=20),
            "Pay Bill from 2547*****233 - FAITH",
            450,
            "",
        ),
        ("UKRDEMO002", begin + timedelta(hours=18), "Pay Bill Charge", "", -27),
        ("UKRDEMO003", begin + timedelta(hours=20), "Organization Settlement to bank", "", -2000),
    ]
    out = StringIO()
    rows = csv.writer(out)
    rows.writerow(HEADINGS)
    for receipt, when, details, paid_in, paid_out in told:
        moment = f"{timezone.localtime(when, NAIROBI):%Y-%m-%d %H:%M:%S}"
        rows.writerow([receipt, moment, details, "Completed", paid_in, paid_out])
    return out.getvalue()
