"""What can be done through a puppet service, 0.25 or 1.x: every call of the gateway port that has an effect."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from bot.errors import GatewayError, StaleVerification
from bot.gateway.wire.connection import uncertain
from bot.gateway.wire.proto import Stub
from bot.gateway.wire.questions import Questions

_READINGS = 4


class Deeds(Questions):
    """The calls of :class:`bot.gateway.port.Speaker`, beside the questions that verify them."""

    async def say(self, conversation_id: str, text: str, mentions: Sequence[str] = ()) -> str:
        return await self._connection.call(
            "say", lambda stub: stub.send_text(conversation_id, text, list(mentions)), deed=True
        )

    async def announce(self, room_id: str, text: str) -> None:
        async def changed() -> bool:
            now = await self._connection.call("announcement", lambda stub: stub.announcement(room_id))
            return _same(now, text)

        await self._connection.call("announce", lambda stub: stub.set_announcement(room_id, text), deed=True)
        await self._verify("announcement", changed)

    async def add_member(self, room_id: str, contact_id: str) -> None:
        await self._change(room_id, "add", lambda stub: stub.room_add(id=room_id, contact_id=contact_id))

    async def remove_member(self, room_id: str, contact_id: str) -> None:
        await self._change(room_id, "remove", lambda stub: stub.room_del(id=room_id, contact_id=contact_id))

    async def accept_friend(self, friendship_id: str) -> None:
        try:
            await self._connection.call(
                "accept", lambda stub: stub.friendship_accept(id=friendship_id), deed=True
            )
        finally:
            self._directory.forget_contacts()
        try:
            await self.friend_request(friendship_id)  # has the gateway forget whoever it was as a stranger
        except GatewayError as error:
            # Accepted is accepted. What the gateway remembers is refreshed with the confirming event too.
            self._log.debug("gateway.not_refreshed", error=str(error))

    async def _change(self, room_id: str, what: str, ask: Callable[[Stub], Awaitable[object]]) -> None:
        """Change who is in a room."""
        try:
            await self._connection.call(what, ask, deed=True)
        finally:
            self._directory.forget_room(room_id)

    async def _verify(self, what: str, changed: Callable[[], Awaitable[bool]]) -> None:
        """Some puppets need a moment until a change shows; a call's own success proves nothing."""
        for attempt in range(_READINGS):
            if attempt:
                await self._clock.sleep(self._verify_seconds)
            try:
                if await changed():
                    return
            except GatewayError as error:
                raise uncertain(f"the {what} could not be read back: {error}") from None
        raise StaleVerification(
            f"the gateway said yes, but the {what} did not change",
            "change it by hand in WeChat, or ask the gateway's provider whether it supports this call",
        )


def _same(one: str, other: str) -> bool:
    return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()
