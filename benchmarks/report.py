"""What came out: figures against what is asked for, and where the time went, as text or as markdown."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """One line of the table: a value with its unit, and what it should be."""

    what: str
    ours: str
    yardstick: str
    value: float
    unit: str = "x"
    at_least: float | None = None
    at_most: float | None = None

    @property
    def asked(self):
        if self.at_least is not None:
            return f"at least {self.at_least:g} {self.unit}"
        if self.at_most is None:
            return ""
        return f"at most {self.at_most:g} {self.unit}"

    @property
    def verdict(self):
        """Say `met` or `missed`; nothing of a figure for which nothing is asked."""
        if not self.asked:
            return ""
        met = self.value >= self.at_least if self.at_least is not None else self.value <= self.at_most
        return "met" if met else "missed"

    @property
    def cells(self):
        value = f"{self.value:.3g} {self.unit}"
        return [self.what, self.ours, self.yardstick, value, self.asked, self.verdict]


@dataclass
class Report:
    figures: list[Figure] = field(default_factory=list)
    phases: dict[str, dict[str, float]] = field(default_factory=dict)  # what -> {phase: seconds}

    def tables(self):
        """Yield the headings and rows of each table that has something to say."""
        if self.figures:
            headings = ["what", "ours", "yardstick", "figure", "asked for", ""]
            yield headings, [each.cells for each in self.figures]
        if self.phases:
            names = list(dict.fromkeys(name for phases in self.phases.values() for name in phases))
            rows = [
                [what, *[f"{phases[name]:.2f} s" if name in phases else "" for name in names]]
                for what, phases in self.phases.items()
            ]
            yield ["where our time goes", *names], rows

    def as_markdown(self):
        """Return the tables as docs/performance.md keeps them."""
        return "\n".join(
            "\n".join(f"| {' | '.join(row)} |" for row in [headings, ["---"] * len(headings), *rows]) + "\n"
            for headings, rows in self.tables()
        )

    def as_text(self):
        """Return the tables for a terminal."""
        blocks = []
        for headings, rows in self.tables():
            widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
            lines = [
                "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
                for row in [headings, *rows]
            ]
            blocks.append("\n".join(lines) + "\n")
        return "\n".join(blocks)


def rate(rows, seconds):
    """Return a speed as the table says it."""
    return f"{rows / seconds:,.0f} rows/s"
