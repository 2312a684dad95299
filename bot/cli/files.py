"""Files that the command line writes: for their owner only, and never over another by mistake."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from bot.errors import QunguiError, UsageError


def require_free(file: str, *, force: bool) -> None:
    """Make sure, before anything is done, that a file may be written.

    Raises:
        UsageError: there is one of that name already, and ``force`` was not given.
    """
    if file != "-" and not force and os.path.lexists(file):
        raise UsageError(f"{file} exists already", "name another file with -o, or give --force to replace it")


def write(content: bytes, file: str, *, force: bool) -> None:
    """Write a file with mode 0600; ``-`` is stdout. With ``force`` a link is replaced, never followed.

    Raises:
        UsageError: there is such a file already, and ``force`` was not given.
        QunguiError: it can't be written.
    """
    if file == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    require_free(file, force=force)
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


def _replace(path: Path, content: bytes) -> None:
    """Put a file in the place of another: whoever looks sees the old one or the new one."""
    descriptor, made = tempfile.mkstemp(prefix=".qungui-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        Path(made).replace(path)
    finally:
        Path(made).unlink(missing_ok=True)
