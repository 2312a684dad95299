"""Whom the wire client trusts: tokens and certificates, and that the token shows nowhere."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from fakes.node_gateway import QUICK, ROOM, TOKEN, NodeGateway, require

from bot.clock import SystemClock
from bot.errors import ConfigError, TokenRejected
from bot.gateway.port import EventKind
from bot.gateway.wire import WireGateway

WRONG = "wrong-token-4711"


@pytest.mark.parametrize("tls", [True, False], ids=["tls", "plain"])
async def test_a_wrong_token_is_said_at_once_and_shown_nowhere(tls: bool, connect, caplog, capsys) -> None:
    require("v1")
    caplog.set_level(logging.DEBUG)
    gateway = NodeGateway("v1", tls=tls)
    gateway.start()
    try:
        client, ear = await connect(gateway, token=WRONG, online=False)
        began = time.monotonic()
        with pytest.raises(TokenRejected) as rejected:
            await ear.until(EventKind.ONLINE)
        assert time.monotonic() - began < 10
        with pytest.raises(TokenRejected):
            await client.say(ROOM, "喂")
    finally:
        gateway.kill()
    error = rejected.value
    assert "QUNGUI_GATEWAY_TOKEN" in str(error)
    assert error.exit_code == 2
    assert error.__cause__ is error.__context__ is None
    shown = str(error) + repr(error) + caplog.text + "".join(capsys.readouterr())
    assert WRONG not in shown


async def test_the_right_token_is_never_logged_either(caplog, capsys, connect) -> None:
    require("v1")
    caplog.set_level(logging.DEBUG)
    gateway = NodeGateway("v1", tls=True)
    gateway.start()
    try:
        client, ear = await connect(gateway)
        await client.say(ROOM, "绝密消息")
        await client.message(await gateway.say("c1", ROOM, "绝密消息"))
        gateway.kill()
        await ear.until(EventKind.OFFLINE)
    finally:
        gateway.kill()
    assert caplog.text  # something was logged, at DEBUG
    shown = caplog.text + "".join(capsys.readouterr())
    assert TOKEN not in shown
    assert "绝密消息" not in shown


async def test_a_gateway_without_authentication_takes_any_token(connect) -> None:
    require("v0")
    gateway = NodeGateway("v0")
    gateway.start()
    try:
        await connect(gateway, token=WRONG)
    finally:
        gateway.kill()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CA of our own, with a certificate for 127.0.0.1 and one for another name."""
    program = shutil.which("openssl")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("openssl is not installed")
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("authority")

    def openssl(*arguments: str) -> None:
        subprocess.run(  # noqa: S603 - our own arguments
            [program, *arguments], cwd=folder, check=True, capture_output=True
        )

    new_key = ("-newkey", "rsa:2048", "-nodes")
    openssl(
        "req", "-x509", *new_key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=company", "-days", "2"
    )
    openssl(
        "req", "-x509", *new_key, "-keyout", "x.key", "-out", "other-ca.pem", "-subj", "/CN=x", "-days", "2"
    )
    for name, subject in (("ours", "IP:127.0.0.1"), ("theirs", "DNS:elsewhere.example")):
        openssl("req", *new_key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (folder / f"{name}.ext").write_text(f"subjectAltName={subject}\n")
        signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2")
        extensions = ("-extfile", f"{name}.ext")
        openssl("x509", "-req", "-in", f"{name}.csr", *signing, *extensions, "-out", f"{name}.pem")
    return folder


@pytest.mark.parametrize(
    ("certificate", "ca", "trusted"),
    [("ours", "ca.pem", True), ("theirs", "ca.pem", False), ("ours", "other-ca.pem", False)],
    ids=["our CA", "wrong host name", "another CA"],
)
async def test_the_operators_own_ca_is_checked_host_name_included(
    authority: Path, certificate: str, ca: str, trusted: bool, connect
) -> None:
    require("v1")
    cert, key = authority / f"{certificate}.pem", authority / f"{certificate}.key"
    gateway = NodeGateway("v1", tls=True, cert=cert, key=key)
    gateway.start()
    try:
        client, ear = await connect(gateway, tls=str(authority / ca), online=False)
        first = await ear.until(lambda event: True)
        assert (first.kind is EventKind.ONLINE) is trusted
        if not trusted:
            assert "QUNGUI_GATEWAY_TLS" in first.text
            assert "CERTIFICATE_VERIFY_FAILED" in first.text
            await asyncio.sleep(0.5)
            assert client.self_id == ""
            assert await gateway.did("start") == []
    finally:
        gateway.kill()


@pytest.mark.parametrize(("server", "client"), [(True, "off"), (False, "insecure-default")])
async def test_tls_on_one_side_only_is_said_and_waited_out(server: bool, client: str, connect) -> None:
    require("v1")
    gateway = NodeGateway("v1", tls=server)
    gateway.start()
    try:
        _, ear = await connect(gateway, tls=client, online=False)
        assert (await ear.until(EventKind.OFFLINE)).text
        await asyncio.sleep(0.5)
        assert ear.heard == []
    finally:
        gateway.kill()


async def test_a_gateway_that_asks_for_no_token_needs_none(connect) -> None:
    require("v0")
    gateway = NodeGateway("v0")
    gateway.start()
    try:
        client, ear = await connect(gateway, token="")
        message = await gateway.say("c1", ROOM, "在吗")
        await ear.message(message)
        assert (await client.message(message)) is not None
    finally:
        gateway.kill()


async def test_a_gateway_that_asks_for_a_token_refuses_none(connect) -> None:
    require("v1")
    gateway = NodeGateway("v1", tls=True)
    gateway.start()
    try:
        _, ear = await connect(gateway, token="", online=False)
        with pytest.raises(TokenRejected, match="QUNGUI_GATEWAY_TOKEN"):
            async with asyncio.timeout(10):
                await ear.ended()
    finally:
        gateway.kill()


@pytest.mark.parametrize(
    ("changed", "setting"),
    [
        ({"endpoint": "gateway.example"}, "QUNGUI_GATEWAY_ENDPOINT"),
        ({"endpoint": "gateway.example:0"}, "QUNGUI_GATEWAY_ENDPOINT"),
        ({"endpoint": "http://gateway.example:80"}, "QUNGUI_GATEWAY_ENDPOINT"),
        ({"token": "geheim nis\n"}, "QUNGUI_GATEWAY_TOKEN"),
        ({"token": "群规"}, "QUNGUI_GATEWAY_TOKEN"),
        ({"tls": "/no/such/ca.pem"}, "QUNGUI_GATEWAY_TLS"),
        ({"tls": __file__}, "QUNGUI_GATEWAY_TLS"),
    ],
)
async def test_what_cannot_be_used_is_refused_at_once(changed: dict[str, str], setting: str) -> None:
    usual = {"endpoint": "127.0.0.1:1", "token": "t", "tls": "off"}
    with pytest.raises(ConfigError) as refused:
        WireGateway(**{**usual, **changed}, clock=SystemClock(), timing=QUICK)
    assert setting in str(refused.value)
    if token := changed.get("token"):
        assert token not in str(refused.value)


@pytest.fixture(autouse=True)
def everything_is_logged() -> Iterator[None]:
    """The client's own log goes to the standard one, down to DEBUG, where caplog sees it."""
    before = structlog.get_config()
    structlog.configure(
        processors=[structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    yield
    structlog.configure(**before)
