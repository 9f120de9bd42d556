"""The worker of a queue in Redis: the package's, on all our queues, with a watch beside it."""

from django.conf import settings
from django.core.management.base import CommandError

try:
    from django_rq.management.commands.rqworker import Command as RedisWorker
except ImportError as error:
    raise CommandError("Redis is not set up here: pip install -r requirements-redis.txt") from error

from backoffice.watch import Watch, look_once


class Command(RedisWorker):
    def handle(self, *args, **options):
        if not settings.REDIS_URL:
            raise CommandError("REDIS_URL is not set; without it db_worker is the worker.")
        look_once()
        watch = Watch()
        if not options["burst"]:
            watch.start()
        # Tasks for later, such as the end of a prompt, need the scheduler.
        options |= {"job_class": "django_tasks_rq.Job", "with_scheduler": True}
        try:
            super().handle(*(args or settings.QUEUES), **options)
        finally:
            watch.stop()
