"""Lives of the bot for the tests of this folder: forked, so that a start costs no seconds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fakes.lives import Lives


@pytest.fixture(scope="session")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lives]:
    found = Lives(tmp_path_factory.mktemp("lives"))
    yield found
    found.close()
