"""The company's own lexicon, as it was added in chat."""

from __future__ import annotations

from sqlalchemy import delete, select

from storage.names import fingerprint
from storage.records import Word
from storage.repository import Repository
from storage.tables import words

_COLUMNS = (
    words.c.word,
    words.c.category,
    words.c.allow,
    words.c.reason,
    words.c.added_by.label("by"),
    words.c.added_at.label("at"),
)


class Words(Repository):
    """Words by their folded form: case, width and outer space aside."""

    async def add(self, word: Word) -> bool:
        """Keep a word; returns False, and changes nothing, if it is there already on the same side."""
        insert = self._insert(words).values(
            word_key=fingerprint(word.word),
            allow=word.allow,
            word=word.word,
            category=word.category,
            reason=word.reason,
            added_by=word.by,
            added_at=word.at,
        )
        added = await self._connection.execute(
            insert.on_conflict_do_nothing(index_elements=["word_key", "allow"]).returning(words.c.word_key)
        )
        return added.first() is not None

    async def remove(self, word: str) -> bool:
        """Take a word away, as forbidden and as allowed; returns whether it was there."""
        gone = await self._connection.execute(delete(words).where(words.c.word_key == fingerprint(word)))
        return gone.rowcount > 0

    async def all(self) -> list[Word]:
        """Every word, in the order in which they were added."""
        found = await self._connection.execute(
            select(*_COLUMNS).order_by(words.c.added_at, words.c.word, words.c.allow)
        )
        return [Word(**row._mapping) for row in found]
