"""Every example that help shows works for whoever may use it, and is refused to everybody else.

Whatever command family is added to the table is played here without further ado. What an example needs beyond the
people of ``fakes.offices`` and the two cases that it may name stands in ``fakes.prepared``.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.offices import WHO, staffed
from fakes.prepared import BEFORE, NUMBERS, new_case
from fakes.scene import ROOM, Scene

from bot.commands import COMMANDS
from bot.commands.table import Action, Command
from storage.records import Role

RANK = (Role.HR_LEAD, Role.SUPERVISOR, Role.OPERATOR, Role.LEADER, Role.MEMBER)
ROWS = [
    (command, action, line)
    for command in COMMANDS
    for action in command.actions
    for line, _ in action.examples
]


def player(action: Action) -> str:
    """The contact id of the highest who may use an action."""
    return WHO[next(role for role in RANK if role in action.roles)]


async def audited(scene: Scene, what: str) -> int:
    async with scene.storage.view() as unit:
        return sum(1 for entry in await unit.audit.recent(10_000) if entry.action == what)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.english)
async def test_every_example_works(tmp_path: Path, command: Command) -> None:
    async with staffed(tmp_path) as scene:
        for action in command.actions:
            prepare = BEFORE.get((command.english, action.english))
            for line, _ in action.examples:
                typed = await prepare(scene, line) if prepare else line
                for number in NUMBERS:
                    if number in typed:
                        typed = typed.replace(number, await new_case(scene))
                before = await audited(scene, "command")
                said = await scene.says(player(action), typed, where="" if command.private_only else ROOM)
                assert said, f"{typed}: no answer"
                assert await audited(scene, "command") == before + 1, f"{typed}: {said}"


async def test_what_one_may_not_use_is_refused_and_does_nothing(tmp_path: Path) -> None:
    forbidden = [row for row in ROWS if Role.MEMBER not in row[1].roles]
    assert forbidden
    async with staffed(tmp_path) as scene:
        number = await new_case(scene)
        for _, _, line in forbidden:
            done, refused = await audited(scene, "command"), await audited(scene, "command refused")
            for placeholder in NUMBERS:
                line = line.replace(placeholder, number)
            said = await scene.says(WHO[Role.MEMBER], line)
            assert any("需要权限" in text for text in said), f"{line}: {said}"
            assert await audited(scene, "command") == done, line
            assert await audited(scene, "command refused") == refused + 1, line
            scene.clock.advance(61)  # nobody is refused more than five times a minute


def test_every_action_has_an_example() -> None:
    assert [
        command.usage(action) for command in COMMANDS for action in command.actions if not action.examples
    ] == []


def test_every_spelling_means_one_thing() -> None:
    spelt = [word for command in COMMANDS for word in command.spellings]
    assert len(spelt) == len(set(spelt))
    for command in COMMANDS:
        words = [word for action in command.actions for word in action.spellings]
        assert len(words) == len(set(words)), command.name
