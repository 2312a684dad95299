"""What the rule of civil language owes beyond its table: people decide where words do not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.core.book import Rulebook
from rules.core.model import Context, Finding, Message, MessageType
from rules.incivility import GRAVE_NEEDS, UNDECIDED, Settings, incivility
from rules.reading.classify import SILENT, Anchors, Classifier, Weights
from rules.reading.meant import AGREES, BEYOND_DOUBT, BEYOND_QUESTION


def found(
    book: Rulebook,
    text: str,
    *,
    settings: Settings | None = None,
    kind: MessageType = MessageType.TEXT,
    **scores: float,
) -> Finding | None:
    reading = book.reader.read(text)
    if scores:
        reading = replace(reading, scores={**reading.scores, **scores})
    context = Context(reading, book.calendar)
    return next(incivility(Message(text, kind), context, settings or Settings()), None)


def sure(book: Rulebook, text: str, **scores: float) -> float:
    finding = found(book, text, **scores)
    return 0.0 if finding is None else finding.confidence


LIKE_AN_ATTACK = {"incivility": 0.99, "hostility": 0.99}
LIKE_NOTHING = {"incivility": 0.0, "hostility": 0.0}


NO_WORD = ["今天的报表王经理看过了", "女同事那边下午到", "下午三点开会"]


@pytest.mark.parametrize("text", NO_WORD)
def test_without_a_telling_word_people_decide_unless_it_reads_like_nothing_else(
    text: str, book: Rulebook
) -> None:
    assert 0.5 <= sure(book, text, incivility=BEYOND_DOUBT - 0.001, hostility=0.99) <= UNDECIDED
    assert 0.5 <= sure(book, text, incivility=0.0, hostility=0.99) <= UNDECIDED
    assert sure(book, text, **LIKE_AN_ATTACK) >= 0.85


@pytest.mark.parametrize("text", NO_WORD)
def test_a_company_may_leave_all_of_that_to_people(text: str, book: Rulebook) -> None:
    finding = found(book, text, settings=Settings(tone_decides=False), **LIKE_AN_ATTACK)
    assert finding is not None
    assert 0.5 <= finding.confidence <= UNDECIDED


@pytest.mark.parametrize(
    "text",
    [
        "他说“今天的报表王经理看过了”",
        "报表王经理看过了[捂脸]",
        "我真是个傻逼，报表又交晚了",
        "请大家注意措辞，禁止辱骂",
    ],
)
def test_what_is_quoted_joked_or_said_of_oneself_never_is_by_tone_alone(text: str, book: Rulebook) -> None:
    assert sure(book, text, **LIKE_AN_ATTACK) <= UNDECIDED


def test_how_it_reads_counts_only_where_the_company_wants_it(book: Rulebook) -> None:
    text = "今天的报表王经理看过了"
    assert found(book, text, settings=Settings(by_tone=False), **LIKE_AN_ATTACK) is None
    assert found(book, "你就是个傻逼", settings=Settings(by_tone=False)) is not None


@pytest.mark.parametrize("text", ["你就是个傻逼", "信不信我弄死你", "操你妈的", "死全家的东西"])
def test_plain_words_decide_even_where_nothing_else_speaks_for_it(text: str, book: Rulebook) -> None:
    assert sure(book, text, **LIKE_NOTHING) > 0.5
    assert sure(book, text) >= 0.85


@pytest.mark.parametrize("text", ["算什么东西来着，这表是算加班还是算绩效", "是🐷吗，属相统计一下，她是🐷"])
def test_what_does_not_read_like_an_attack_is_for_people(text: str, book: Rulebook) -> None:
    assert 0.5 <= sure(book, text) <= UNDECIDED


@pytest.mark.parametrize("insult", ["操你妈", "李工你就是个傻逼", "你这种废物趁早滚"])
def test_decent_talk_around_an_insult_makes_it_no_better(insult: str, book: Rulebook) -> None:
    assert sure(book, f"{insult}，今天下午三点开会，请大家准时参加，合同已发邮箱请查收") >= 0.85


@pytest.mark.parametrize(
    "text",
    [
        "你妈死了，路上小心",
        "信不信我弄死你，刀都给你准备好了",
        "隔壁组的都是狗，一群废物",
        "你个傻逼 大黄",
        "你个傻逼，蚊子",
    ],
)
def test_things_and_animals_that_are_named_excuse_nothing(text: str, book: Rulebook) -> None:
    assert sure(book, text) >= 0.85


def test_laughter_within_a_disguised_word_is_laughter(book: Rulebook) -> None:
    assert sure(book, "你就是个费😂物") <= UNDECIDED


@pytest.mark.parametrize("text", ["信不信我弄死你", "老子今天非砍死你不可"])
def test_a_grave_threat_needs_less_of_a_score(text: str, book: Rulebook) -> None:
    assert sure(book, text, incivility=AGREES / 2, hostility=0.0) >= 0.85


@pytest.mark.parametrize(
    "text",
    [
        "这破扫描仪又罢工，信不信我把你拆了卖废铁",
        "该死的轴承，去你妈的",
        "门口那只大鹅就是个畜生，见人就咬",
        "大黄这狗东西又把快递咬烂了",
    ],
)
def test_who_curses_a_thing_or_an_animal_is_judged_by_people(text: str, book: Rulebook) -> None:
    assert sure(book, text, **LIKE_AN_ATTACK) <= UNDECIDED


@pytest.mark.parametrize("text", ["你个傻逼哈哈哈", "你这个王八蛋[捂脸]", "蠢货😂请客"])
def test_banter_is_for_people_to_judge(text: str, book: Rulebook) -> None:
    assert sure(book, text, **LIKE_AN_ATTACK) <= UNDECIDED


def test_decent_words_buy_no_insult(book: Rulebook) -> None:
    padding = "请大家遵守群规，互相尊重，禁止辱骂，注意措辞，文明交流，客户投诉已安抚，培训案例见手册。"
    assert sure(book, padding) < 0.5
    assert sure(book, padding + "王磊你就是个傻逼，你妈怎么没把你弄死，狗杂种，死全家") >= 0.5


def test_a_word_that_is_said_again_weighs_no_more_but_its_worst_place_counts(book: Rulebook) -> None:
    once = sure(book, "这个傻逼", **LIKE_NOTHING)
    assert sure(book, "这个傻逼，这个傻逼，这个傻逼", **LIKE_NOTHING) == pytest.approx(once)
    assert sure(book, "我真是个傻逼") < 0.5
    assert sure(book, "我真是个傻逼，你也是个傻逼") >= 0.5
    assert sure(book, "我真是个傻逼，你也是个傻逼", incivility=AGREES) >= 0.85


def test_what_is_quoted_from_another_message_is_not_judged(book: Rulebook) -> None:
    assert found(book, "「王磊：你就是个傻逼」\n- - - - - - - - - - - - - - -\n收到，我来处理") is None


def test_whose_words_are_said_in_public_tells_nobody_what_they_were(book: Rulebook) -> None:
    entry = book.entry("incivility")
    for text in ("你就是个傻逼", "信不信我弄死你", "河南人没一个好东西"):
        finding = found(book, text)
        assert finding is not None
        ruling = entry.weigh(finding)
        assert ruling is not None
        assert ruling.reason == entry.rule.reason
        assert ruling.signs.startswith("迹象：")
        assert not any(text[start:end] in ruling.signs for start, end in ruling.spans)


@pytest.mark.parametrize(
    ("text", "evidence"),
    [("@李雷 你 就是个 傻 逼，滚", ["傻 逼", "滚"]), ("好的，你脑子进水了吧", ["脑子进水"])],
)
def test_evidence_stands_where_it_was_written(text: str, evidence: list[str], book: Rulebook) -> None:
    finding = found(book, text)
    assert finding is not None
    shown = [text[start:end] for start, end in finding.spans]
    assert all(any(part in piece for piece in shown) for part in evidence)


def test_names_of_files_and_cards_are_not_judged(book: Rulebook) -> None:
    assert found(book, "傻逼.docx", kind=MessageType.FILE) is None


def test_a_guess_at_disguised_words_is_no_ground_by_itself(book: Rulebook) -> None:
    """司机 sounds like some of the words of abuse; so does half of what is said in an office."""
    for text in ("司机群里有人发了通知", "各司其职", "本月续保名单发给车队了，车险到期的司机来办公室"):
        assert found(book, text) is None


BESIDE_NOTHING = "软骨头那种炖烂点，中午就要"


def heard(book: Rulebook, text: str, classifier: Classifier, **scores: float) -> float:
    """How sure the rule is where the whole scores so, and a stretch of it what the classifier says."""
    reading = replace(book.reader.read(text), classifier=classifier, views=())
    reading = replace(reading, scores={**reading.scores, **scores})
    finding = next(incivility(Message(text), Context(reading, book.calendar), Settings()), None)
    return 0.0 if finding is None else finding.confidence


def speaking(label: str) -> Classifier:
    """A classifier to which every text reads like a label, and nothing else."""
    return Classifier(Weights({label: Anchors(5.0, 0.0, 1.0)}, {}))


def test_a_word_aimed_at_nobody_is_no_witness_to_itself(book: Rulebook) -> None:
    whole = {"incivility": BEYOND_QUESTION - 0.001, "hostility": 0.0}
    assert heard(book, BESIDE_NOTHING, SILENT, **whole) <= UNDECIDED
    assert heard(book, BESIDE_NOTHING, speaking("incivility"), **whole) >= 0.85
    assert heard(book, BESIDE_NOTHING, SILENT, incivility=BEYOND_QUESTION, hostility=0.0) >= 0.85


@pytest.mark.parametrize(
    "text",
    ["你就是个傻逼，{}", "河南人都是小偷，{}"],
)
def test_decent_talk_behind_an_insult_makes_it_no_better(text: str, book: Rulebook) -> None:
    text = text.format("记得把合同盖章后寄给客户，快递单号发群里，财务那边等着对账")
    assert sure(book, text) >= 0.85


def test_a_score_for_attacks_on_groups_agrees_only_where_a_group_is_named(book: Rulebook) -> None:
    scores = {"incivility": 0.1, "hostility": 0.99}
    silent = speaking("hostility")
    assert heard(book, "食堂蟑螂真恶心", silent, **scores) <= UNDECIDED
    assert heard(book, "外地女人真恶心", silent, **scores) >= 0.85


def test_a_threat_reads_like_one(book: Rulebook) -> None:
    text = "有种别跑，老子弄死你"
    assert heard(book, text, SILENT, incivility=GRAVE_NEEDS - 0.01, hostility=0.0, banned=0.0) <= UNDECIDED
    assert heard(book, text, SILENT, incivility=GRAVE_NEEDS, hostility=0.0, banned=0.0) >= 0.85


def test_what_was_to_be_expected_of_one_of_a_group_decides_nothing_by_itself(book: Rulebook) -> None:
    assert sure(book, "一看就是重庆人", incivility=0.2, hostility=0.85) <= UNDECIDED
    assert sure(book, "一看就是重庆人的德行", incivility=0.2, hostility=0.85) >= 0.85
