"""The failures that people see, as one small tree.

Every error here carries the remedy: what the reader can do about it. ``qungui`` prints both and leaves
with the error's ``exit_code``; nothing in this tree ever holds a secret.
"""

from __future__ import annotations


class QunguiError(Exception):
    """A failure that a person can act on.

    Attributes:
        remedy: one sentence that says what to do.
        exit_code: the status with which the command line leaves.
    """

    exit_code = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message}\n  remedy: {self.remedy}" if self.remedy else message


class UsageError(QunguiError):
    """A command line or a configuration that can't be used as it is."""

    exit_code = 2


class ConfigError(UsageError):
    """config.yaml or the environment is wrong; the message lists every mistake at once."""


class GatewayError(QunguiError):
    """The gateway did not do what was asked."""


class GatewayUnavailable(GatewayError):
    """The gateway can't be reached just now; the same call may work later."""


class GatewayFault(GatewayUnavailable):
    """The gateway answered, but with a failure that it did not explain, or that it is asked too much."""


class GatewayUncertain(GatewayUnavailable):
    """The call may have been carried out; nobody knows. Repeating it may do the deed a second time."""


class GatewayRefused(GatewayError):
    """The gateway answered, and said no; the same call would be refused again."""


class Absent(GatewayRefused):
    """What was asked for does not exist."""


class TokenRejected(GatewayRefused):
    """The gateway does not accept our token. The message names the setting, never the token."""

    exit_code = 2


class StaleVerification(GatewayError):
    """The gateway reported success, but reading back shows that nothing changed."""
