"""Everything that the program keeps by a name of its own has a Chinese one wherever people read it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
import yaml
from fakes.shipped import shipped

from bot.commands.explained import NEEDS, NOTES, UNKNOWNS, VERDICTS
from bot.commands.table import ROLE_TITLES
from bot.pipeline.breaker import PAUSE_ENDED
from bot.reports import names
from bot.reports.tables import KINDS, STATES
from bot.texts import Texts
from rules.core.declare import NEEDS as NEEDED
from rules.core.model import Verdict
from rules.procedure import announcement, appeal, ladder, membership, rectification, review
from storage.records import SYSTEM, AuditEntry

ROOT = Path(__file__).resolve().parents[2]
TEXTS = Texts.load()
NOW = datetime(2026, 10, 13, 2, 0, tzinfo=UTC)
DECISIONS = {"confirmed", "dismissed"}
SPOKEN = {
    ("bot/jobs/announcements.py", "move.value"): set(announcement.Move),
    ("bot/commands/approvals.py", "move.value"): set(announcement.Move),
    ("bot/commands/requests.py", "move.value"): set(membership.Move),
    ("bot/commands/decisions.py", "order.move.value"): set(review.Move),
    ("bot/commands/labels.py", "verdict"): DECISIONS,
    ("bot/commands/appeal_decisions.py", "target.value"): {
        appeal.State.UPHELD,
        appeal.State.LOWERED,
        appeal.State.OVERTURNED,
    },
    ("bot/jobs/appeals.py", "target.value"): {appeal.State.OVERTURNED},
    ("bot/pipeline/circuit.py", "PAUSE_ENDED"): {PAUSE_ENDED},
    ("bot/commands/demands.py", "kind.value"): set(rectification.Kind),
    ("bot/commands/demands.py", "state.value"): {
        rectification.State.ACCEPTED,
        rectification.State.CANCELLED,
    },
    ("bot/commands/demand_answers.py", "kind.value"): set(rectification.Kind),
    ("bot/jobs/demands.py", "demand.kind"): set(rectification.Kind),
    ("bot/commands/rota.py", "kind"): {"duty", "leave"},
    ("bot/pipeline/places.py", "duty"): {"guarded", "supervision"},
    ("bot/pipeline/places.py", "how"): {"room found"},
    ("bot/pipeline/relogin.py", "action"): set(),  # the calls that give it are read themselves
    ("storage/doubt.py", "action"): set(),
    ("bot/commands/desk.py", "SECRET if answer.secret else 'report' if at_desk else 'answer'"): {
        "secret",
        "report",
        "answer",
    },
}
"""What may stand in a gap of an action: a new gap has to be filled in here."""

HELPERS = {("bot/pipeline/relogin.py", "_audit"): 1, ("storage/doubt.py", "_note"): 2}
"""Functions that write an entry for others, and the place of the action among what they take."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("bot", "storage"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def assigned(tree: ast.Module) -> dict[str, list[ast.expr]]:
    """What each name in a module is ever set to."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                names_of = target.elts if isinstance(target, ast.Tuple) else [target]
                values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
                for name, value in zip(names_of, values, strict=False):
                    if isinstance(name, ast.Name):
                        found.setdefault(name.id, []).append(value)
    return found


CONSTANTS = {
    name: value.value
    for _, tree in modules()
    for name, values in assigned(tree).items()
    for value in values
    if name.isupper() or name.startswith("_")
    if isinstance(value, ast.Constant) and isinstance(value.value, str)
}


def meant(path: str, expression: ast.expr, known: dict[str, list[ast.expr]]) -> set[str]:
    """Every text that an expression may come to."""
    spoken = SPOKEN.get((path, ast.unparse(expression)))
    if spoken is not None:
        return {str(one) for one in spoken}
    if isinstance(expression, ast.Constant):
        return {str(expression.value)}
    if isinstance(expression, ast.IfExp):
        return meant(path, expression.body, known) | meant(path, expression.orelse, known)
    if isinstance(expression, ast.JoinedStr):
        parts = [
            meant(path, part.value if isinstance(part, ast.FormattedValue) else part, known)
            for part in expression.values
        ]
        return {"".join(one) for one in product(*parts)}
    if isinstance(expression, ast.Name) and expression.id in known:
        return {text for value in known[expression.id] for text in meant(path, value, known)}
    if isinstance(expression, ast.Name) and expression.id in CONSTANTS:
        return {CONSTANTS[expression.id]}
    raise AssertionError(f"{path}:{expression.lineno}: say in SPOKEN what {ast.unparse(expression)} may be")


def given(path: str, call: ast.Call) -> Iterator[ast.expr]:
    """The action that a call notes down, if it is one that does."""
    called = ast.unparse(call.func).rpartition(".")[2]
    if called == "AuditEntry" and len(call.args) > 2:
        yield call.args[2]
    elif called == "values":
        yield from (keyword.value for keyword in call.keywords if keyword.arg == "action")
    elif (place := HELPERS.get((path, called))) is not None:
        yield call.args[place]


def actions() -> dict[str, str]:
    """Every action that is ever noted down, each with where."""
    found: dict[str, str] = {}
    for path, tree in modules():
        known = assigned(tree)
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            for expression in given(path, call):
                if ast.unparse(expression) == "entry.action":
                    continue
                found |= dict.fromkeys(meant(path, expression, known), f"{path}:{call.lineno}")
    return found


def test_every_action_of_the_audit_has_a_chinese_name_and_every_name_an_action() -> None:
    noted = actions()
    assert len(noted) > 80
    named = {key.removeprefix("audit.") for key in TEXTS.keys if key.startswith("audit.")}
    assert {action: where for action, where in noted.items() if action not in named} == {}
    assert named - noted.keys() == {"supervision room taken up again"}


def test_the_scan_sees_an_action_that_has_no_name() -> None:
    tree = ast.parse('AuditEntry(now, who, f"case {order.move.value}" if x else "secret deed", target)')
    (call,) = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    (expression,) = given("", call)
    found = meant("bot/commands/decisions.py", expression, {})
    assert found == {"case confirm", "case dismiss", "case undo", "secret deed"}


def test_every_kind_of_message_has_a_chinese_name() -> None:
    kinds: dict[str, str] = {}
    for path, tree in modules():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if path.startswith("storage/") or ast.unparse(call.func) not in ("Outgoing", "replace"):
                continue
            for keyword in call.keywords:
                if keyword.arg == "kind" and "Kind" not in ast.unparse(keyword.value):
                    kinds |= dict.fromkeys(meant(path, keyword.value, {}), path)
    assert {"notice", "urgent", "alert", "secret", "friend", "report", "line"} <= kinds.keys()
    assert {kind: path for kind, path in kinds.items() if f"outbox_kind.{kind}" not in TEXTS.keys} == {}


def test_every_category_of_every_rule_and_of_every_word_has_a_chinese_name() -> None:
    book = shipped()
    known = {(entry.rule.id, category) for entry in book.entries for category in entry.rule.categories}
    for file in sorted((ROOT / "rules" / "data").glob("*.yaml")):
        kept = yaml.safe_load(file.read_text(encoding="utf-8"))
        known |= {(kept["rule"], group["category"]) for group in kept["groups"]}
    assert len(known) > 100
    unnamed = sorted(
        f"{rule}/{category}" for rule, category in known if f"category.{rule}.{category}" not in TEXTS.keys
    )
    assert unnamed == []


def test_roles_states_steps_and_kinds_of_export_have_chinese_names() -> None:
    for role, title in ROLE_TITLES.items():
        assert TEXTS.render(f"audit_word.{role.value}") == title
    for state, title in STATES.items():
        assert TEXTS.render(f"audit_word.{state.value}") == title
    assert [kind for kind in (*KINDS, *membership.Kind) if f"audit_word.{kind}" not in TEXTS.keys] == []
    told = {ladder.Action.TELL_HEAD, ladder.Action.PROPOSE_DISCIPLINE}
    assert {key for key in TEXTS.keys if key.startswith("audit_step.")} == {
        f"audit_step.{one}" for one in told
    }


def test_what_an_explanation_says_of_a_rule_is_chinese() -> None:
    assert VERDICTS.keys() == set(Verdict)
    assert NEEDS.keys() == NEEDED
    raised = {
        call.args[0].value
        for path in sorted((ROOT / "rules").rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "Unknown"
        if isinstance(call.args[0], ast.Constant)
    }
    assert raised
    assert raised == UNKNOWNS.keys()
    shown = (*VERDICTS.values(), *NEEDS.values(), *NOTES.values(), *UNKNOWNS.values())
    assert all(not text.isascii() for text in shown)


def test_every_name_is_chinese() -> None:
    families = ("audit.", "audit_word.", "audit_step.", "outbox_kind.", "offline.", "category.")
    for key in sorted(key for key in TEXTS.keys if key.startswith(families)):
        assert not TEXTS.render(key, points=1, days=2).isascii(), key


def test_every_reason_why_the_bot_was_blind_has_a_chinese_name() -> None:
    told = {
        value
        for path in ("bot/gateway/wire/stream.py", "bot/gateway/hosted.py", "bot/pipeline/presence.py")
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for value in [node.value.removesuffix(": ")]
        if value.startswith(("the gateway ", "the account was ", "the bot was ", "the python-wechaty bot "))
    }
    assert {"the bot was not running", "the gateway was lost", "the account was logged out"} <= told
    assert {reason for reason in told if f"offline.{reason}" not in TEXTS.keys} <= {
        "the gateway can't be reached, waiting for it",
        "the python-wechaty bot no longer receives events from its gateway; restart it if this lasts",
    }


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("the bot was not running", "机器人未运行"),
        ("the account was logged out: kicked", "微信账号已退出登录"),
        ("14 UNAVAILABLE: connect ECONNREFUSED", "与网关的连接中断"),
        ("", ""),
    ],
)
def test_an_outage_is_told_in_chinese_whatever_the_gateway_says(reason: str, said: str) -> None:
    assert names.outage(TEXTS, reason) == said


@pytest.mark.parametrize(
    ("action", "target", "detail", "said"),
    [
        ("case confirm", "V-7K2QM", "provisional", ("确认案件", "V-7K2QM", "待确认")),
        ("ladder step", "k1", "tell_head:6:30", ("积分达到阶梯", "k1", "告知部门负责人（30 天 6 分）")),
        (
            "ladder step",
            "k1",
            "propose_discipline:10:30",
            ("积分达到阶梯", "k1", "提请研究处分（30 天 10 分）"),
        ),
        ("rule switched", "flooding", "关闭：全部群", ("变更规则", "刷屏", "关闭：全部群")),
        ("claim refused", "identity: taken", "", ("拒绝认领", "该身份已由另一账号确认", "")),
        ("claim issued", "hr_lead", "E1", ("发放认领码", "人力资源负责人", "E1")),
        ("something new", "x", "y", ("something new", "x", "y")),
    ],
)
def test_an_entry_of_the_audit_is_told_in_chinese(
    action: str, target: str, detail: str, said: tuple[str, str, str]
) -> None:
    entry = AuditEntry(NOW, SYSTEM, action, target, detail)
    title = {"flooding": "刷屏"}.get
    told = (
        names.action(TEXTS, entry),
        names.subject(TEXTS, entry, lambda rule: title(rule) or rule),
        names.detail(TEXTS, entry),
    )
    assert told == said
