"""Writes what is generated from the code: the pages of rules, commands and settings, and their schema.

``--check`` writes nothing: it shows what differs and leaves with status 1. Nobody edits these files by hand.
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

import policy_coverage  # noqa: E402 - the path comes first

from bot.commands import COMMANDS  # noqa: E402 - the path comes first
from bot.commands.table import HEAD_TITLE, ROLE_TITLES, Action, Command  # noqa: E402 - the path comes first
from bot.settings.keys import Row, describe, schema  # noqa: E402 - the path comes first
from rules.core.declare import Example, Rule  # noqa: E402 - the path comes first
from rules.core.load import load_rules  # noqa: E402 - the path comes first
from storage.records import Role  # noqa: E402 - the path comes first

NOTE = "<!-- Made by scripts/generate.py from {source}. Change it there and run scripts/generate.py. -->\n"
RULES_INTRO = """\
A finding whose confidence is at or above a rule's `violation` bar is acted on. Between `review` and
`violation` people decide, and nothing is said in public. Clauses are those of [the policy](policy.md).
"""
CONFIG_INTRO = """\
One file, `config.yaml`, found by `--config`, else `QUNGUI_CONFIG`, else in the working directory; without
one the defaults below apply. The environment goes over the file. Secrets are taken from the environment only.
`qungui config check` tells every mistake at once. Editors read [config.schema.json](config.schema.json).
"""
COMMANDS_INTRO = """\
Typed as the first line of a message, in a group or in private chat, after an optional mention of the
bot. Every command is answered, refusals too; an answer that holds somebody's record is private.
"""


def cell(value: object) -> str:
    """A value as one cell of a table: no line breaks, no bars that would end the cell."""
    return str(value).replace("\\", "\\\\").replace("|", "\\|").replace("\n", "<br>")


def code(text: str) -> str:
    """Text between backticks, whatever backticks it holds; empty text stays visible."""
    flat = (
        "".join(
            "⏎" if sign == "\n" else sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in text
        )
        or " "
    )
    if "`" not in flat:
        return f"`{flat}`"
    fence = "`" * (1 + max(len(run) for run in re.findall("`+", flat)))
    return f"{fence} {flat} {fence}"


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """A table in Markdown."""
    titles = list(head)
    yield "| " + " | ".join(titles) + " |"
    yield "|" + "---|" * len(titles)
    for row in rows:
        yield "| " + " | ".join(cell(value) for value in row) + " |"


def shown(value: object) -> str:
    """A default as it would stand in config.yaml."""
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if isinstance(value, tuple | frozenset | set):
        value = sorted(value) if isinstance(value, frozenset | set) else list(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def rules_page() -> str:
    """docs/rules.md: every rule with its reason to be, what it charges, its settings and examples."""
    rules = load_rules()
    lines = [NOTE.format(source="the modules in rules/"), "# Rules\n", RULES_INTRO]
    lines += table(
        ("rule", "title", "points"),
        ((f"[{rule.id}](#{rule.id})", rule.title, " / ".join(map(str, prices(rule)))) for rule in rules),
    )
    for rule in rules:
        lines += ["", *one_rule(rule)]
    return "\n".join(lines) + "\n"


def prices(rule: Rule[Any]) -> list[int]:
    """The different points of a rule's categories, ascending."""
    return sorted({penalty.points for penalty in rule.categories.values()})


def one_rule(rule: Rule[Any]) -> Iterator[str]:
    """A rule's own section."""
    yield f"## {rule.id}\n"
    yield f"**{rule.title}**\n"
    yield f"{rule.why}\n"
    yield from table(
        ("category", "clause", "points"),
        ((name, penalty.clause, penalty.points) for name, penalty in rule.categories.items()),
    )
    yield f"\nBars: violation {rule.bars.violation:g}, review {rule.bars.review:g}.\n"
    yield f"Reason shown: {code(rule.reason)}\n"
    if rule.weigh:
        yield f"To weigh before it is confirmed: {code(rule.weigh)}\n"
    if rule.needs:
        yield f"Needs {', '.join(sorted(rule.needs))}; without them its outcome is `unknown`.\n"
    if rule.episodic:
        yield "One finding stands for a whole burst.\n"
    if rule.deferred:
        yield "Nothing is said when the message arrives: its sender is reminded once, when work next begins.\n"
    if rule.standing:
        yield "It is about no single message: reminders and a time of grace come before a case.\n"
    if rule.urgent:
        yield "Its notices do not wait for working time, and are told privately where that is possible.\n"
    settings = rule.settings.model_fields
    if settings:
        yield from table(
            (f"`rules.{rule.id}.settings`", "default", "meaning"),
            ((name, code(shown(info.get_default(call_default_factory=True))), info.description)
             for name, info in settings.items()),
        )  # fmt: skip
    else:
        yield "It has no settings."
    for title, wanted in (("Flagged", True), ("Left alone", False)):
        yield f"\n{title}:\n"
        for example in rule.examples:
            if example.bad is wanted:
                yield f"- {describe_example(example)}"


def describe_example(example: Example) -> str:
    """An example in one line, with all that it needs to be understood."""
    known: list[str] = []
    if example.type != "text":
        known.append(str(example.type))
    if example.kind != "employee":
        known.append(
            f"from an {example.kind} member" if example.kind == "external" else f"from a {example.kind}"
        )
    if example.alias is not None:
        known.append(f"as {code(example.alias)}")
    if example.at:
        known.append(f"at {example.at}")
    if example.duty:
        known.append("from somebody on duty")
    if example.before:
        known.append(f"earlier messages: {len(example.before)}")
    if example.category:
        known.append(example.category)
    if example.tier:
        known.append(f"{example.tier} tier")
    text = example.text if len(example.text) <= 120 else example.text[:117] + "…"
    return (
        code(text) + (f" ({', '.join(known)})" if known else "") + (f": {example.why}" if example.why else "")
    )


def commands_page() -> str:
    """docs/commands.md: the table of commands as help shows it."""
    lines = [NOTE.format(source="bot/commands"), "# Commands\n", COMMANDS_INTRO]
    lines += table(
        ("command", "English", "who", "what it does"),
        ((f"[/{command.name}](#{command.name})", f"/{command.english}", who(command.roles), command.summary)
         for command in COMMANDS),
    )  # fmt: skip
    for command in COMMANDS:
        lines += ["", f"## {command.name}\n", command.summary]
        if command.aliases:
            lines.append(f"\nAlso: {', '.join(f'`/{alias}`' for alias in command.aliases)}")
        if command.private_only:
            lines.append("\nOnly in private chat.")
        lines.append("")
        lines += table(
            ("typed", "English", "who", "what it does"),
            ((code(command.usage(action)), code(english(command, action)),
              who(action.roles, heads=action.heads), does(action))
             for action in command.actions),
        )  # fmt: skip
        lines.append("")
        lines += [f"- {code(line)}: {told}" for action in command.actions for line, told in action.examples]
    return "\n".join(lines) + "\n"


def english(command: Command, action: Action) -> str:
    """An action as it is typed in English."""
    return f"/{command.english} {action.english}".rstrip()


def does(action: Action) -> str:
    """What an action does, and whether it wants to be confirmed."""
    return f"{action.summary}（末尾加“确认”才执行，否则只预览）" if action.asks else action.summary


def who(roles: frozenset[Role], *, heads: bool = False) -> str:
    """Who may use something, in words."""
    if Role.MEMBER in roles:
        return "everyone"
    titles = [f"{role.value.replace('_', ' ')} ({ROLE_TITLES[role]})" for role in Role if role in roles]
    return ", ".join([*titles, f"heads of departments ({HEAD_TITLE})"] if heads else titles)


def config_page() -> str:
    """docs/config.md: every key of config.yaml and every variable, section by section."""
    lines = [
        NOTE.format(source="bot/settings/model.py and rules/core/options.py"),
        "# Configuration\n",
        CONFIG_INTRO,
    ]
    sections: dict[str, list[Row]] = {}
    for row in describe():
        sections.setdefault(row.key.partition(".")[0], []).append(row)
    for section, rows in sections.items():
        lines += ["", f"## {section or 'Set by environment only'}\n"]
        lines += table(
            ("key", "type", "default", "meaning", "variable"),
            ((f"`{row.key}`" if row.key else "", row.type, code(row.default) if row.default else "",
              row.description, f"`{row.variable}`" if row.variable else "") for row in rows),
        )  # fmt: skip
    return "\n".join(lines) + "\n"


def coverage_page() -> str:
    """docs/policy-coverage.md: each clause with the rules, procedures, commands, parts and tests that carry it."""
    lines = [
        NOTE.format(source="the rules' declarations and the docstrings"),
        "# What carries each clause\n",
        policy_coverage.INTRO,
    ]
    head = ("clause", "asks", "rule", "procedure", "command", "by itself", "tests")
    lines += table(head, policy_coverage.rows())
    return "\n".join(lines) + "\n"


def config_schema() -> str:
    """docs/config.schema.json: what an editor needs to check config.yaml while it is typed."""
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"


PAGES: Mapping[str, Callable[[], str]] = {
    "docs/rules.md": rules_page,
    "docs/commands.md": commands_page,
    "docs/config.md": config_page,
    "docs/policy-coverage.md": coverage_page,
    "docs/config.schema.json": config_schema,
}


def main() -> int:
    """Write or compare; 0 when everything stands as it should."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument(
        "--check", action="store_true", help="write nothing; show what differs, status 1 if anything"
    )
    check = parser.parse_args().check
    stale = []
    for name, make in PAGES.items():
        path, wanted = ROOT / name, make()
        found = path.read_text(encoding="utf-8") if path.exists() else ""
        if found == wanted:
            continue
        stale.append(name)
        if check:
            old, new = found.splitlines(keepends=True), wanted.splitlines(keepends=True)
            sys.stdout.writelines(difflib.unified_diff(old, new, name, f"{name} as generated", n=1))
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted, encoding="utf-8")
            print(f"wrote {name}")
    if check and stale:
        print(f"\n{', '.join(stale)}: not as the code says. Run: .venv/bin/python scripts/generate.py")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
