"""What was kept of the groups, as rows for a table (policy 2.3d)."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bot.masking import personal_data_hidden
from storage.session import UnitOfWork

HEADINGS = ("编号", "群", "发送时间", "发送人", "标签", "内容", "归档时间")
MOST = 100_000


async def archive_rows(
    unit: UnitOfWork, zone: ZoneInfo, room_key: int | None = None
) -> list[tuple[str, ...]]:
    """One row for each kept message of a room, or of all, newest first, under :data:`HEADINGS`.

    Personal data is hidden. The texts are as they were typed: whoever writes them to a file for a spreadsheet takes
    care that none of them is a formula.
    """
    names = {room.key: room.topic or room.gateway_id for room in await unit.rooms.all()}
    return [
        (
            one.number,
            names.get(one.room_key, ""),
            one.sent_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
            one.sender_name,
            " ".join(one.tags),
            personal_data_hidden(one.text),
            one.at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        )
        for one in await unit.archive.search((), room_key, limit=MOST)
    ]
