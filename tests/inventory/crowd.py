from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import close_old_connections, connection


def all_at_once(people, work):
    """Run work(person) in a thread each, started together; returns what each returned."""
    gate = Barrier(people)

    def one(person):
        close_old_connections()
        try:
            gate.wait()
            return work(person)
        finally:
            connection.close()

    with ThreadPoolExecutor(people) as pool:
        return list(pool.map(one, range(people)))
