"""What cases are about beside the rules: clause, title and reason are the company's to say (policy 4.1, 6.2)."""

from __future__ import annotations

import pytest

from rules.core.conduct import CONDUCTS
from rules.core.load import load_book
from rules.core.options import BookOptions, OptionsError


def test_the_built_in_policy_takes_points_by_hand_under_the_clause_for_deductions() -> None:
    clauses = {name: dict(conduct.clauses) for name, conduct in CONDUCTS.items()}
    assert clauses == {
        "late_answer": {"ordinary": "4.1a", "urgent": "4.1b"},
        "bonus": {"given": "6.2b", "answered": "6.2b", "adjusted": "6.2b", "deducted": "6.2c"},
    }


def test_a_companys_own_policy_is_laid_over_them_the_narrower_over_the_wider() -> None:
    policy = {
        "late_answer": {"clause": "8.1", "title": "回复不及时", "reason": "没有按时回复"},
        "late_answer/urgent": {"clause": "8.2"},
        "bonus/deducted": {"clause": "9.3"},
        "bonus/answered": {"reason": "{month} 全部按时（{count} 条）"},
        "flooding": {"title": "连续发送"},
    }
    book = load_book(BookOptions.model_validate({"policy": policy}))
    late, bonus = book.conducts["late_answer"], book.conducts["bonus"]
    assert late.clauses == {"ordinary": "8.1", "urgent": "8.2"}
    assert late.reasons == {"ordinary": "没有按时回复", "urgent": "没有按时回复"}
    assert bonus.clauses == {"given": "6.2b", "answered": "6.2b", "adjusted": "6.2b", "deducted": "9.3"}
    assert bonus.reasons == {"answered": "{month} 全部按时（{count} 条）"}
    assert (book.titles["late_answer"], book.titles["bonus"]) == ("回复不及时", "加分与调整")
    assert book.titles["flooding"] == book.entry("flooding").rule.title == "连续发送"
    assert CONDUCTS["late_answer"].title == "未及时回复工作消息", "the defaults stay"


@pytest.mark.parametrize(
    ("policy", "path", "remedy"),
    [
        ({"late_answr": {"clause": "1"}}, ("policy", "late_answr"), "did you mean 'late_answer'?"),
        (
            {"late_answer/late": {"clause": "1"}},
            ("policy", "late_answer/late"),
            "known: ordinary, urgent",
        ),
        ({"late_answer": {"points": 2}}, ("policy", "late_answer", "points"), "remove this line"),
        ({"bonus/given": {"reason": "好"}}, ("policy", "bonus/given", "reason"), "remove this line"),
        ({"bonus": {"reason": "{mont} 全部"}}, ("policy", "bonus", "reason"), "did you mean 'month'?"),
        ({"bonus": {}}, ("policy", "bonus"), "give it clause, title, points or reason, or remove it"),
        (
            {"late_answer/urgent": {"title": "加急"}},
            ("policy", "late_answer/urgent", "title"),
            "set it under policy.late_answer",
        ),
        (
            {"late_answer": {"title": "加分与调整"}},
            ("policy", "late_answer", "title"),
            "give it another one",
        ),
    ],
)
def test_what_would_do_nothing_is_told_with_the_remedy(
    policy: dict[str, object], path: tuple[str, ...], remedy: str
) -> None:
    with pytest.raises(OptionsError) as refused:
        load_book(BookOptions.model_validate({"policy": policy}))
    assert [(mistake.path, mistake.remedy) for mistake in refused.value.mistakes] == [(path, remedy)]
