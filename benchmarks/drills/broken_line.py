"""A line to the office that breaks: a proxy on loopback that delays, drips, cuts or forgets connections.

It reads the one request of each connection, and then decides what becomes of it.
"""

import asyncio
import contextlib
import re
from collections import Counter
from threading import Event, Thread

DELAY = 0.2  # seconds each way
PIECE, PAUSE = 10, 0.002  # bytes at a time, and the seconds between
WORKER_TIMEOUT = 30  # seconds, as docs/deploy.md starts gunicorn
MOST_FORGOTTEN = 3  # at the same time: each holds one thread of the web server


class BrokenLine:
    """Use as a context manager: deliveries go to `port`.

    `seen` counts what became of connections, `stuck` those that the office held for too long at the end.
    """

    def __init__(self, office, random, forgotten_for):
        self.office, self.random, self.forgotten_for = office, random, forgotten_for
        self.seen, self.next, self.held, self.open, self.stuck = Counter(), [], 0, set(), 0

    def __enter__(self):
        self.loop, is_open = asyncio.new_event_loop(), Event()
        self.thread = Thread(target=self.run, args=[is_open], daemon=True)
        self.thread.start()
        is_open.wait()
        return self

    def __exit__(self, *error):
        self.loop.call_soon_threadsafe(self.is_over.set)
        self.thread.join()

    def run(self, is_open):
        with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
            runner.run(self.listen(is_open))

    async def listen(self, is_open):
        self.is_over = asyncio.Event()
        async with await asyncio.start_server(self.carry, "127.0.0.1", 0, backlog=500) as server:
            self.port = server.sockets[0].getsockname()[1]
            is_open.set()
            await self.is_over.wait()
        if self.open:
            _ended, stuck = await asyncio.wait(self.open, timeout=WORKER_TIMEOUT)
            self.stuck = len(stuck)

    async def carry(self, reader, client):
        """Let one connection have its fate; both ends are closed then."""
        self.open.add(task := asyncio.current_task())
        task.add_done_callback(self.open.discard)
        request, fate = await read_request(reader), self.draw()
        self.seen[fate.__name__] += 1
        answer, office = await asyncio.open_connection("127.0.0.1", self.office)
        with contextlib.suppress(ConnectionError):
            await fate(self, request, answer, office, client)
        for end in (office, client):
            end.close()
            with contextlib.suppress(ConnectionError):
                await end.wait_closed()

    def draw(self):
        """Return what becomes of the next connection: each of FATES as often as it is listed."""
        if not self.next:
            self.next = self.random.sample(FATES, len(FATES))
        fate = self.next.pop()
        return whole if fate is forgotten and self.held >= MOST_FORGOTTEN else fate


async def read_request(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: *([0-9]+)", head, re.IGNORECASE)
    return head + await reader.readexactly(int(length[1]))


async def whole(line, request, answer, office, client):
    office.write(request)
    client.write(await answer.read())


async def late(line, request, answer, office, client):
    await asyncio.sleep(DELAY)
    office.write(request)
    told = await answer.read()
    await asyncio.sleep(DELAY)
    client.write(told)


async def drop_by_drop(line, request, answer, office, client):
    await drip(request, office)
    await drip(await answer.read(), client)


async def cut_in_the_request(line, request, answer, office, client):
    office.write(request[: len(request) // 2])


async def cut_before_the_answer(line, request, answer, office, client):
    """The office has answered, so it has committed; nobody hears of it."""
    office.write(request)
    await answer.read()


async def forgotten(line, request, answer, office, client):
    """Half a request, and then nothing for long: neither end hears that the other is gone."""
    line.held += 1
    office.write(request[: len(request) // 2])
    await asyncio.sleep(line.forgotten_for)
    line.held -= 1


async def drip(told, end):
    for start in range(0, len(told), PIECE):
        end.write(told[start : start + PIECE])
        await end.drain()
        await asyncio.sleep(PAUSE)


FATES = [
    *[whole] * 8,
    *[late] * 4,
    *[drop_by_drop] * 3,
    *[cut_in_the_request] * 2,
    *[cut_before_the_answer] * 2,
    forgotten,
]
