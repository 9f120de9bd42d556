"""A past for the demo: what happened in its businesses, told in order of time under the clock of then.

Each app tells its own part (see DEMO_STEPS); everything goes through the services. Two tellings with the
same seed differ only in their dates, which count back from now.
"""

import csv
import heapq
from collections import defaultdict
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from random import Random
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django_tasks import task_backends
from django_tasks.backends.dummy import DummyBackend

FIXTURES = settings.BASE_DIR / "fixtures" / "demo"
DAY = 24 * 60
# The hours of the businesses in Nairobi; today's story ends at three, whatever the real time.
OPEN, CLOSE, NOW = 7 * 60, 19 * 60, 15 * 60


def read_rows(name):
    """Return the rows of a CSV file of the demo."""
    with open(FIXTURES / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@contextmanager
def clock_at(moment):
    """Let timezone.now() answer `moment`: services, Django and simple-history ask it through the module."""
    real = timezone.now
    timezone.now = lambda: moment
    try:
        yield
    finally:
        timezone.now = real


@contextmanager
def quiet_queue():
    """Let background work come to nothing: no phone rings for an order of last month."""
    real = task_backends["default"]
    task_backends["default"] = DummyBackend("default", settings.TASKS["default"])
    try:
        yield
    finally:
        task_backends["default"] = real


class Story:
    """An agenda of what happens when. Times are minutes since midnight of the first day, in Nairobi."""

    def __init__(self, days, seed=2026):
        self.days = days
        self.random = Random(seed)
        self.real_now = timezone.now()
        zone = ZoneInfo(settings.TIME_ZONE)
        self.midnight = timezone.localtime(self.real_now, zone).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        self.end = days * DAY + NOW
        self.minute = 0
        self.agenda = []
        self.serial = count()
        self.listeners = defaultdict(list)
        self.businesses = []
        self.customers = defaultdict(list)  # by kind: person or firm
        self.people = defaultdict(list)  # by (business, role)

    @property
    def day(self):
        return int(self.minute // DAY)

    @property
    def days_left(self):
        """How many days of the story are still to come: 0 is today."""
        return self.days - self.day

    def at(self, minute, action, *args):
        """Plan action(*args); what lies in the future is forgotten."""
        if minute <= self.end:
            heapq.heappush(self.agenda, (minute, next(self.serial), action, args))

    def later(self, minutes, action, *args):
        """Plan action(*args) so many minutes from where the story is."""
        self.at(self.minute + minutes, action, *args)

    def when(self, event, action):
        """Call action whenever somebody tells of the event: how an app hears of those below it."""
        self.listeners[event].append(action)

    def happened(self, event, *args):
        for action in self.listeners[event]:
            action(*args)

    def somebody(self, business, role):
        """Return one of the people who have the role in the business."""
        return self.random.choice(self.people[business, role])

    def tell(self):
        """Let everything planned happen, each under its own clock."""
        while self.agenda:
            self.minute, _, action, args = heapq.heappop(self.agenda)
            with clock_at(self.moment(self.minute)):
                action(*args)

    def moment(self, minute):
        """Return the real time of a minute of the story. Today's hours are bent so that they end now."""
        day, minute = divmod(minute, DAY)
        midnight = self.midnight - timedelta(days=self.days - day)
        if day < self.days:
            return midnight + timedelta(minutes=minute)
        passed = (self.real_now - midnight) / timedelta(minutes=1)
        opened = min(OPEN, passed / 2)
        if minute <= OPEN:
            return midnight + timedelta(minutes=minute / OPEN * opened)
        return midnight + timedelta(minutes=opened + (minute - OPEN) / (NOW - OPEN) * (passed - opened))
