"""The company's own words from chat: what they do at once, and what is shown before."""

from __future__ import annotations

from pathlib import Path

from fakes.lead import MEMBER, cast, ordered
from fakes.scene import ORDINARY, opened


async def test_a_word_counts_from_the_next_message_on_until_it_is_removed(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        assert await scene.says(MEMBER, "青鸾上线") == []
        assert "尚未生效" in await ordered(scene, "/词库 添加 青鸾 涉赌 代号")  # it would have hit a message
        assert "已禁用" in await ordered(scene, "/词库 添加 青鸾 涉赌 代号 确认")
        await scene.says(MEMBER, "青 鸾 什么时候上线")
        case = await scene.the_case()
        assert (case.rule, case.category) == ("banned_words", "gambling")
        assert "青鸾　涉赌　代号" in await ordered(scene, "/词库 列表")
        assert "已删除" in await ordered(scene, "/词库 删除 青鸞")
        assert await scene.says("li", "青鸾上线了吗") == []


async def test_an_everyday_word_is_shown_with_what_it_would_hit_and_by_nobody(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        await scene.says("zhou", ORDINARY + "，有事打 13812345678")
        said = await ordered(scene, "/词库 添加 开会 公司自定 少开会")
        assert "常用词" in said
        assert "1 条会命中，其中 1 条的判断会因此改变" in said
        assert "下午三点开会" in said
        assert "138" not in said
        assert "周杰" not in said
        async with scene.storage.view() as unit:
            assert await unit.words.all() == []
        assert "/词库 添加 开会 公司自定 少开会 确认" in said


async def test_an_allow_phrase_spares_what_lies_in_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        await scene.says(MEMBER, "赌博网站一览")
        assert len(await scene.cases()) == 1
        said = await ordered(scene, "/词库 放行 赌博网站一览 公益活动")
        assert "1 条会不再命中，其中 1 条的判断会因此改变" in said
        await ordered(scene, "/词库 放行 赌博网站一览 公益活动 确认")
        await scene.says("zhou", "赌博网站一览")
        assert [case.rule for case in await scene.cases()].count("banned_words") == 1


REFUSED = (
    ("/词库 添加 ！！！", "什么都不剩"),
    ("/词库 添加 “\u200b 　”", "什么都不剩"),
    ("/词库 添加 " + "长" * 41, "最多 40 个字"),
    ("/词库 添加 赌愽网站".replace("愽", "博"), "内置"),
    ("/词库 添加 賭博網站", "内置"),
    ("/词库 放行 开会", "没有禁用词"),
    ("/词库 删除 赌博网站", "lexicon.remove"),
    ("/词库 删除 没有", "没有“没有”"),
    ("/词库 添加", "用法"),
    ("/词库 添加 确认", "用法"),
)


async def test_what_cannot_be_kept_is_refused(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        for line, part in REFUSED:
            assert part in await ordered(scene, line)
        async with scene.storage.view() as unit:
            assert await unit.words.all() == []


async def test_the_same_word_twice_or_on_both_sides_is_refused(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        await ordered(scene, "/词库 添加 青鸾 确认")
        assert "已经是禁用词（聊天中添加）" in await ordered(scene, "/词库 添加 青鸞")
        assert "已经是禁用词" in await ordered(scene, "/词库 放行 青鸾")
        await ordered(scene, "/词库 放行 青鸾花")
        assert "已经是放行短语" in await ordered(scene, "/词库 添加 青鸾花 确认")


async def test_templates_and_patterns_are_words_like_others(tmp_path: Path) -> None:
    async with opened(tmp_path) as scene:
        await cast(scene)
        await ordered(scene, "/词库 添加 {{7*7}} {{reason}} 确认")
        await ordered(scene, "/词库 添加 .*x+ 确认")
        said = await ordered(scene, "/词库 列表")
        assert "{{7*7}}" in said
        assert "49" not in said
        assert await scene.says(MEMBER, "数字 4 9，文件 abc") == []
