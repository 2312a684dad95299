"""Prints the demo: who said what, what the bot did, and why. Chat text is shown as plain text, never as markup."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.cells import chop_cells
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.commands.docket import standing_of
from bot.masking import one_line
from bot.pipeline.handled import Handled
from bot.pipeline.notice import sureness
from rules.core.book import Rulebook
from rules.core.model import Tier
from rules.procedure.penalty import Silence
from storage.records import Case, CaseState

MARGIN = 7
SILENCES = {
    Silence.REVIEW: "拿不准，交给监督员，群里不说话",
    Silence.STANDING: "发言人担任职务，先由他人审核，群里不说话",
    Silence.STALE: "发现得太晚，只记录，不当众提醒",
    Silence.DEFERRED: "此刻不出声，下一个工作时段开始时再提醒",
    Silence.MUTED: "本群静默中，只私下告知",
    Silence.TRIAL: "规则试运行，只记录",
}
PLACEHOLDERS = {
    "image": "[图片]",
    "emoticon": "[表情]",
    "video": "[视频]",
    "audio": "[语音]",
    "contact": "[名片]",
}
COSTS = {CaseState.PROVISIONAL, CaseState.CONFIRMED}


class Transcript:
    """The terminal's side of the demo."""

    def __init__(self, console: Console, zone: ZoneInfo) -> None:
        self._console = console
        self._zone = zone

    def heading(self, text: str) -> None:
        """A line between the scenes."""
        self._console.print()
        self._console.rule(Text(text, style="bold"), style="dim")

    def note(self, text: str) -> None:
        """What the watcher should notice."""
        self._print("", Text(f"※ {text}", style="italic cyan"))

    def said(self, at: datetime, name: str, text: str, kind: str, where: str) -> None:
        """Somebody says something."""
        line = Text()
        line.append(f"{name}", style="bold")
        line.append(f"（{where}）" if where else "", style="dim")
        line.append("  ")
        line.append(self._flat(text or PLACEHOLDERS.get(kind, f"[{kind}]")))
        self._print(self._time(at), line)

    def replied(self, at: datetime, text: str, where: str) -> None:
        """The bot says something."""
        for number, part in enumerate(text.split("\n")):
            line = Text()
            if number == 0:
                line.append("群管家", style="bold green")
                line.append(f"（{where}）  " if where else "  ", style="dim")
            else:
                line.append("        ")
            line.append(self._flat(part), style="green")
            self._print(self._time(at) if number == 0 else "", line)

    def why(self, handled: Handled, book: Rulebook, *, looks_bad: bool) -> None:
        """What the bot made of a message, if it is worth a line."""
        if handled.judgement is None:
            if handled.case is not None:
                self._print(
                    "", Text(f"└ {handled.case.number} 提醒发出前已撤回：不再提醒，0 分", style="yellow")
                )
            return
        for ruling in (*handled.judgement.live, *handled.judgement.on_trial):
            title = book.entry(ruling.rule).rule.title
            tier = "违规" if ruling.tier is Tier.VIOLATION else "存疑"
            basis = f"{ruling.rule}，第 {ruling.clause} 条，把握 {sureness(ruling.confidence)}"
            signs = f"；{ruling.signs}" if ruling.signs else ""
            self._print("", Text(f"└ {tier}：{title}（{basis}）{ruling.reason}{signs}", style="yellow"))
        if handled.goes_on and handled.case is not None:
            many = f"同一时段第 {handled.case.repeats + 1} 条"
            self._print("", Text(f"   并入案件 {handled.case.number}（{many}），不另扣分", style="yellow"))
        elif handled.case is not None and handled.decision is not None:
            told = SILENCES.get(handled.decision.silence, "提醒已排队")
            points = f"暂记 {handled.case.points} 分" if handled.decision.provisional else "尚未计分"
            self._print("", Text(f"   立案 {handled.case.number}，{points}；{told}", style="yellow"))
        absorbed = any(outcome.absorbed for outcome in handled.judgement.outcomes)
        if absorbed:
            self._print("", Text("└ 属于同一次，不再另记", style="dim yellow"))
        elif looks_bad and not handled.judgement.live:
            self._print("", Text("└ 看着可疑，判断为正常：不打扰", style="blue"))

    def cases(self, cases: Iterable[Case], book: Rulebook) -> None:
        """All cases of the day."""
        table = Table(title="当日案件", title_justify="left", header_style="bold")
        for column in ("编号", "成员", "事由", "条款", "分值", "状态"):
            table.add_column(column)
        for case in cases:
            table.add_row(
                case.number,
                Text(case.sender_name),
                book.entry(case.rule).rule.title,
                case.clause,
                str(case.points if case.state in COSTS else 0),
                standing_of(case),
            )
        self._console.print()
        self._console.print(table)

    def plain(self, text: str) -> None:
        """A line of the demo itself."""
        self._console.print(Text(text))

    def _flat(self, text: str) -> str:
        """Chat text on one line; the spaces that WeChat writes are shown as spaces."""
        spaced = text.replace("\u2005", " ").replace("\u3000", "  ")
        return " ⏎ ".join(one_line(part) for part in spaced.split("\n"))

    def _time(self, at: datetime) -> str:
        return at.astimezone(self._zone).strftime("%H:%M")

    def _print(self, margin: str, line: Text) -> None:
        """One entry: the margin, and the text folded where the terminal ends (Chinese has no spaces to break at)."""
        width = max(self._console.width - MARGIN, 20)
        cuts = [0]
        for piece in chop_cells(line.plain, width):
            cuts.append(cuts[-1] + len(piece))
        for number, part in enumerate(line.divide(cuts[1:-1])):
            row = Text(margin.ljust(MARGIN) if number == 0 else " " * MARGIN, style="dim")
            row.append_text(part)
            self._console.print(row, no_wrap=True, crop=False, overflow="ignore")
