"""Reads a file that somebody names in a setting: a plain one, and no more of it than asked for.

A leaf. What is named may be anything by the time it is read: a pipe that nobody writes to would be waited for without
end, and a device has none.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


class NoPlainFile(OSError):
    """A pipe, a device or a socket stands where a file should be."""


def read_bytes(path: Path, most: int) -> bytes:
    """The first ``most`` bytes of a plain file; never waits for anybody to write it.

    Raises:
        NoPlainFile: something else has that name.
        OSError: it can't be read.
        ValueError: it can be no path.
    """
    with os.fdopen(os.open(path, _FLAGS), "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(mode):
            raise NoPlainFile(errno.EINVAL, "it is a pipe or a device, not a file")
        return file.read(most)
