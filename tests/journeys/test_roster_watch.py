"""A roster that HR keeps in a file is followed: taken over as a whole, or not at all and said so once."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
from fakes.scene import OFFICE, Scene, opened

from bot.settings import Settings

HEADINGS = "工号,姓名,部门,负责人,状态\n"
PEOPLE = "".join(f"{1000 + index},员工{index},市场部,否,在职\n" for index in range(8))


def settings(file: Path) -> Settings:
    rooms = {"guard": "all", "supervision": "群规监督组"}
    return Settings.model_validate(
        {"rooms": rooms, "members": {"roster_file": str(file)}, "digest": {"enabled": False}}
    )


def told(scene: Scene) -> list[str]:
    return [text for text in scene.heard(OFFICE) if text.startswith("【花名册】")]


async def known(scene: Scene) -> dict[str, bool]:
    async with scene.storage.view() as unit:
        return {row.employee_no: row.active for row in await unit.people.roster()}


async def looks(scene: Scene) -> None:
    """The file is looked at: twice in a row if it has changed, and once more when it is time to."""
    for minutes in (11, 1, 11):
        await scene.later(minutes=minutes)


async def test_a_changed_file_is_taken_over_once_it_lies_still(tmp_path: Path) -> None:
    file = tmp_path / "花名册.csv"
    file.write_text(HEADINGS + PEOPLE, encoding="gb18030")
    async with opened(tmp_path, settings=settings(file)) as scene:
        await scene.later(minutes=1)
        assert await known(scene) == {}  # somebody may still be saving it
        await scene.later(minutes=1)
        assert len(await known(scene)) == 8
        (summary,) = told(scene)
        assert "新增 8" in summary
        assert "花名册.csv" in summary
        await looks(scene)
        assert len(told(scene)) == 1

        file.write_text(
            HEADINGS + PEOPLE.replace("1003,员工3,市场部,否,在职", "1003,员工3,市场部,否,离职"), "utf-8"
        )
        await looks(scene)
        assert (await known(scene))["1003"] is False
        assert "离职 1" in told(scene)[-1]
        assert "离职　市场部员工3" in told(scene)[-1]

    # After a restart the same file is no news.
    async with opened(tmp_path, settings=settings(file), gateway=None) as scene:
        before = len(told(scene))
        await looks(scene)
        assert len(told(scene)) == before
        book = openpyxl.Workbook()
        for line in (HEADINGS + PEOPLE + "2000,新人,技术部,是,在职\n").splitlines():
            book.active.append(line.split(","))
        stream = io.BytesIO()
        book.save(stream)
        file.write_bytes(stream.getvalue())  # whatever it is called
        await looks(scene)
        assert set(await known(scene)) >= {"2000", "1003"}
        assert "恢复在职 1" in told(scene)[-1]


async def test_a_wrong_file_changes_nothing_and_is_told_once_for_each_content(tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(HEADINGS + PEOPLE, "utf-8")
    async with opened(tmp_path, settings=settings(file)) as scene:
        await scene.later(minutes=1)
        await scene.later(minutes=1)
        file.write_text(HEADINGS + PEOPLE + "1000,重复,市场部,否,在职\n3000,,市场部,也许,在职\n", "utf-8")
        await looks(scene)
        assert len(await known(scene)) == 8
        (_, wrong) = told(scene)
        assert "未导入" in wrong
        assert "line 10" in wrong
        assert "line 11" in wrong

        everybody_left = HEADINGS + PEOPLE.replace("在职", "离职")
        file.write_text(everybody_left, "utf-8")
        await looks(scene)
        assert all((await known(scene)).values())
        assert "8 名在职员工中有 8 名将被标为离职" in told(scene)[-1]
        assert len(told(scene)) == 3

        file.unlink()
        await looks(scene)
        assert "无法读取" in told(scene)[-1]
        file.write_bytes(b"%PDF-1.7")
        await looks(scene)
        assert "PDF" in told(scene)[-1]
        file.write_text(HEADINGS + PEOPLE, "utf-8")
        await looks(scene)
        assert "恢复正常" in told(scene)[-1]
        assert len(told(scene)) == 6
        assert len(await known(scene)) == 8
