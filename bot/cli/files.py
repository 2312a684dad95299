"""Files that the command line writes: for their owner only, and never over another by mistake."""

from __future__ import annotations

import errno
import io
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from bot.errors import QunguiError, UsageError


def require_free(file: str, *, force: bool, option: str = "") -> None:
    """Make sure, before anything is done, that a file may be written.

    Args:
        option: by which the command line names the file; empty if it is an argument.

    Raises:
        UsageError: there is one of that name already, and ``force`` was not given.
    """
    if file != "-" and not force and os.path.lexists(file):
        other = f"name another file with {option}" if option else "name another file"
        raise UsageError(f"{file} exists already", f"{other}, or give --force to replace it")


def write(content: bytes, file: str, *, force: bool) -> None:
    """Write the file that ``-o`` names, mode 0600; ``-`` is stdout. With ``force`` a link is replaced, not followed.

    Raises:
        UsageError: there is such a file already, and ``force`` was not given.
        QunguiError: it can't be written.
    """
    if file == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    require_free(file, force=force, option="-o")
    path = Path(file)
    try:
        if force:
            _replace(path, content)
        else:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
                stream.write(content)
    except OSError as failure:
        raise QunguiError(
            f"{file} can't be written: {failure.strerror}", "name a place that can be written with -o"
        ) from None


@contextmanager
def writing(path: Path, *, force: bool) -> Iterator[BinaryIO]:
    """A stream into a file of mode 0600 that is there once all of it is written, and not at all after an error.

    It is written under another name, onto the disk, and renamed: whoever looks sees the old file or the new one.

    Raises:
        UsageError: there is such a file already, and ``force`` was not given.
        QunguiError: it can't be written, because the disk is full for instance.
    """
    require_free(str(path), force=force)
    try:
        descriptor, name = tempfile.mkstemp(prefix=".qungui-", dir=path.parent)
    except OSError as failure:
        raise _unwritable(path, failure) from None
    made = Path(name)
    try:
        with _OnDisk(descriptor, path) as stream:
            yield cast(BinaryIO, stream)
            stream.flush()
            os.fsync(stream.fileno())
        require_free(str(path), force=force)
        made.replace(path)
    except OSError as failure:
        raise _unwritable(path, failure) from None
    finally:
        made.unlink(missing_ok=True)


class _OnDisk(io.FileIO):
    """A file whose failures are told as its own, whatever the code that writes into it makes of an OSError."""

    def __init__(self, descriptor: int, path: Path) -> None:
        super().__init__(descriptor, "wb")
        self._told_as = path

    def write(self, content: Any) -> int:
        """Write all of it.

        Raises:
            QunguiError: it can't be written.
        """
        left = memoryview(content).cast("B")
        size = left.nbytes
        try:
            while left:
                left = left[super().write(left) :]
        except OSError as failure:
            raise _unwritable(self._told_as, failure) from None
        return size


def _unwritable(path: Path, failure: OSError) -> QunguiError:
    full = failure.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    remedy = "make room, or name a place on another disk" if full else "name a place that can be written"
    return QunguiError(f"{path} can't be written: {failure.strerror}; nothing of it is left", remedy)


def _replace(path: Path, content: bytes) -> None:
    """Put a file in the place of another: whoever looks sees the old one or the new one."""
    descriptor, made = tempfile.mkstemp(prefix=".qungui-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        Path(made).replace(path)
    finally:
        Path(made).unlink(missing_ok=True)
