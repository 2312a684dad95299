"""The end of a command that failed in a way nobody foresaw: told in full, but without secrets or personal data.

A traceback as Python prints it repeats values: a password in a URL, a number out of a message. And the memory of a
bot holds the talk of a company: it is never written to disk as a core dump.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator, Mapping

from bot.cli.ground import errors

try:
    import resource
except ImportError:  # Windows writes no core dumps
    resource = None  # type: ignore[assignment]  # mypy takes the name for the module alone


def tell(failure: BaseException) -> None:
    """Print a traceback on stderr, each line masked and kept to one line."""
    from bot.masking import Masker  # commands that end well start sooner without it

    masker = Masker(_secrets(os.environ))
    for line in "".join(traceback.format_exception(failure)).splitlines():
        errors.print(masker.text(line))
    errors.print("qungui: this is a fault in the program\n  remedy: report it with the lines above")


def write_no_core() -> None:
    """Have the system write no core dump of this process, whatever ends it, nor of those that it starts."""
    if resource is not None:
        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, most))


def _secrets(env: Mapping[str, str]) -> Iterator[str]:
    from bot.masking import url_secrets
    from bot.settings.keys import environment_keys

    for key in environment_keys():
        if key.secret and (value := env.get(key.variable, "").strip()):
            yield from (value, *url_secrets(value))
