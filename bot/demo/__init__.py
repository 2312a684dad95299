"""`qungui demo`: a working day of one group, over the real wire, bot and database, with a clock that jumps."""
