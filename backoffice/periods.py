"""Stretches of time that staff compare: today with yesterday by now, this month with the last by now.

Each is a function of the present moment in the time zone of a business; it returns (start, end), the end
excluded. Days are days of that business's clock.
"""

from calendar import monthrange
from datetime import timedelta

CHART_DAYS = 30


def day_of(now):
    return now.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


def month_before(now):
    """Return the same day and hour of the month before, or that month's last day."""
    year, month = (now.year, now.month - 1) if now.month > 1 else (now.year - 1, 12)
    return now.replace(year=year, month=month, day=min(now.day, monthrange(year, month)[1]))


def today(now):
    return day_of(now), day_of(now) + timedelta(days=1)


def yesterday_by_now(now):
    return day_of(now) - timedelta(days=1), now - timedelta(days=1)


def this_month(now):
    return day_of(now).replace(day=1), day_of(now) + timedelta(days=1)


def last_month_by_now(now):
    before = month_before(now)
    return day_of(before).replace(day=1), before


def chart_days(now):
    return day_of(now) - timedelta(days=CHART_DAYS - 1), day_of(now) + timedelta(days=1)
