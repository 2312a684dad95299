"""The day's figures as one value, for the table and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from soaking.faults import KINDS
from soaking.size import MIB, Size
from soaking.tally import Books, Received, Spoken


@dataclass(frozen=True, slots=True)
class Report:
    """Everything there is to say about one run."""

    minutes: float
    hours: float
    seed: int
    done: Counter[str]
    heard: Received
    said: Spoken
    kept: Books
    size: Size
    lives: int
    injected: Mapping[str, int]
    uncertain: int
    left_out: tuple[str, ...]
    log: Mapping[tuple[str, str], int]
    wrong: tuple[str, ...]

    def figures(self) -> dict[str, object]:
        """The figures of the table, by name."""
        heard, said, kept, size = self.heard, self.said, self.kept, self.size
        return {
            "simulated hours": round(self.hours, 1),
            "real minutes": self.minutes,
            "seed": self.seed,
            "messages": heard.posted,
            "received": heard.heard,
            "outcomes": heard.outcomes,
            "judged late": heard.late,
            "unreadable": heard.unreadable,
            "not heard: nobody was told": heard.unheard,
            "not heard: cut off on the way": heard.cut_off,
            "lost": len(heard.lost),
            "unordered": len(heard.unordered),
            "cases": kept.cases,
            "ledger entries": kept.entries,
            "messages of the bot": said.sends,
            "notices decided": said.decided,
            "notices that left": said.left,
            "notices dropped": said.dropped,
            "notices waiting for friendship": said.waiting,
            "notices not due yet": said.later,
            "notices nobody can vouch for": said.open,
            "repeated": said.repeated,
            "repeated notices": said.notices_repeated,
            "kills and lost answers": self.injected.get("kill", 0) + self.uncertain,
            "processes of the bot": self.lives,
            "memory peak (MiB)": round(size.peak / MIB, 1),
            "memory after warm-up (MiB)": round(size.warm / MIB, 1),
            "memory final (MiB)": round(size.final / MIB, 1),
            "memory bound (MiB)": round(size.bound / MIB, 1),
            "tasks at rest, first and last": [size.idle_tasks, size.final_tasks],
            "self-check findings (db verify)": len(kept.sound.breaches),
            "self-checks by the bot": list(kept.self_checks),
        }

    def plain(self) -> dict[str, object]:
        """The report for a program."""
        return {
            "holds": not self.wrong,
            "wrong": list(self.wrong),
            "figures": self.figures(),
            "traffic": dict(self.done),
            "faults": dict(self.injected),
            "left_out": list(self.left_out),
            "log": [{"level": level, "event": event, "count": n} for (level, event), n in self.log.items()],
        }

    def show(self, console: Console) -> None:
        """The table."""
        table = Table("figure", "value", title=f"{self.hours:.1f} simulated hours", title_justify="left")
        for name, value in self.figures().items():
            shown = ", ".join(map(str, value)) or "-" if isinstance(value, list) else str(value)
            table.add_row(name, shown)
        console.print(table)
        faults = Table("fault", "times", "what happens", title="faults injected", title_justify="left")
        for name, count in sorted(self.injected.items()):
            faults.add_row(name, str(count), KINDS[name].said)
        if self.injected:
            console.print(faults)
        for what in self.left_out:
            console.print(f"left out: {what}")
        for (level, event), count in sorted(self.log.items()):
            console.print(f"log: {count:5} {level} {event}", soft_wrap=True)
        for what in self.wrong:
            console.print(f"WRONG: {what}", soft_wrap=True)
        console.print("all invariants hold" if not self.wrong else f"{len(self.wrong)} things are wrong")
