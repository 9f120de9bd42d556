"""What a drill tells at its end."""

from dataclasses import dataclass, field
from math import ceil


@dataclass
class Told:
    """`must` says what has to hold and whether it did; the drill is passed when all of it does."""

    done: str
    must: dict[str, bool]
    figures: dict[str, object] = field(default_factory=dict)


def p99(answers):
    """Return the seconds that 99 of 100 answers stay at or below."""
    times = sorted(answer.seconds for answer in answers)
    return round(times[ceil(len(times) * 0.99) - 1], 3)


def counted(answers):
    """Return how often each status came, as text; 0 is a line that broke."""
    statuses = [answer.status for answer in answers]
    return " ".join(f"{statuses.count(each)}x{each}" for each in sorted(set(statuses)))
