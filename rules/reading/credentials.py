"""Credentials in a text: keys known by their shape, passwords known by the label before them (policy 5.3).

A label alone is no credential: what follows it must look like a secret. 密码已重置, 密码至少8位 and
``password = settings.password`` name none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rules.reading.verbatim import Verbatim


class SecretKind(StrEnum):
    """What a secret opens."""

    KEY = "key"  # an API key, a token, a private key: its shape says so
    URL = "url"  # an address that holds a password
    PASSWORD = "password"  # noqa: S105 - the name of a kind, no password
    CODE = "code"  # a one-time code, or somebody who asks for one


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret found; the span is that of the secret itself in :attr:`Verbatim.text`.

    Attributes:
        sure: nobody means anything else by it; otherwise people look.
        shared: it is one that is meant to be shared (a guest's wireless network, a file's password), or a first
            one that is to be changed.
    """

    kind: SecretKind
    start: int
    end: int
    sure: bool = True
    shared: bool = False


_HINTS: Final = (
    "密码",
    "口令",
    "密钥",
    "秘钥",
    "私钥",
    "密匙",
    "验证码",
    "校验码",
    "动态码",
    "短信码",
    "账密",
)
_LATIN = re.compile("[a-z]{3}")
_LATIN_HINT = re.compile(
    "pass|pwd|psw|secret|token|key|bearer|basic|akia|asia|akid|ltai|aiza|gh[oprsu][a-z0-9]{16}|glpat|xox|eyj"
    "|[sr]k[a-z0-9]{16}|npm[a-z0-9]{16}|verificationcode|http|ftp|jdbc|redis|mysql|mongo|postgres"
    "|amqp|kafka|smtp|ssh|oracle"
    "|sqlserver|githubpat|[0-9]{8}aa[a-z0-9]{16}|账号|账户|用户名|root|admin"
)
_B: Final = r"(?<![A-Za-z0-9_\-/+])"
_E: Final = r"(?![A-Za-z0-9])"
KEYS = re.compile(
    rf"{_B}(?:"
    rf"(?:AKIA|ASIA)[0-9A-Z]{{16}}{_E}"
    rf"|AKID[A-Za-z0-9]{{32}}{_E}"
    rf"|LTAI[A-Za-z0-9]{{12,24}}{_E}"
    r"|sk-(?:proj-|ant-|svcacct-|or-)?[A-Za-z0-9_-]{20,200}"
    r"|[sr]k_(?:live|test)_[A-Za-z0-9]{16,120}"
    r"|gh[oprsu]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255}"
    r"|glpat-[A-Za-z0-9_-]{20,80}|npm_[A-Za-z0-9]{30,60}"
    rf"|AIza[0-9A-Za-z_-]{{33,40}}{_E}"
    r"|xox[abeoprs]-[0-9A-Za-z-]{10,250}"
    r"|eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,2000}"
    rf"|[0-9]{{8,10}}:AA[A-Za-z0-9_-]{{33}}{_E}"
    r")"
)
_PRIVATE_KEY = re.compile(
    # A heading with a remark behind it shows what the format looks like; a key may be cut off behind its heading.
    r"-{3,5} ?BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)? ?-{3,5}(?!-|\s{0,9}[^A-Za-z0-9+/=\s-])"
    r"[A-Za-z0-9+/=\s]{0,8000}"
)
_BEARER = re.compile(
    r"(?:Authorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?)?\b(?P<scheme>Bearer|Basic)\s{1,3}"
    r"(?P<value>[A-Za-z0-9._~+/=-]{16,2000})",
    re.IGNORECASE,
)
_HOOK = re.compile(
    r"(?:qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key="
    r"|oapi\.dingtalk\.com/robot/send\?access_token=|open\.feishu\.cn/open-apis/bot/v2/hook/)"
    r"(?P<value>[A-Za-z0-9-]{20,80})"
)
_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,24}://[^\s:/@?#]{0,64}:"
    r"(?P<value>[^\s/?#]{1,128})@[A-Za-z0-9_.\-\[\u4e00-\u9fff]"
)
_QUERY = re.compile(
    r"(?:jdbc:|mysql|postgres|mongodb|redis|sqlserver|oracle|amqp)[!-~]{0,300}?[?&;](?:password"
    r"|passwd|pwd)=(?P<value>[^&;\s\"']{3,128})",
    re.IGNORECASE,
)
_PAIR = re.compile(
    r"(?:账号密码|账号口令|用户名密码|账密|账户密码|登录账号|登陆账号|后台账号|管理员账号)[^A-Za-z0-9\n]{0,6}"
    r"[A-Za-z0-9_.@-]{2,40} ?[/|／\\，, ] ?(?P<value>[!-.0-~]{4,64})"
)
_LOGIN = re.compile(
    r"(?<![A-Za-z0-9./_-])(?:root|admin|administrator|sa|sysadmin|postgres|ubuntu|oracle) ?[:/"
    r"|／] ?(?P<value>[!-.0-~]{6,40})"
)
_STRONG = r"(?P<value>(?=[!-~]{0,40}[0-9])(?=[!-~]{0,40}[A-Za-z])(?=[!-~]{0,40}[!@#$%^&*])[A-Za-z0-9!@#$%^&*._-]{8,40})"
_STRONG_LOGIN = re.compile(
    rf"(?<![A-Za-z0-9./_-])(?:root|admin|administrator|sa|sysadmin|postgres|ubuntu|oracle) ?[:/|／] ?{_STRONG}"
)
"""Letters, digits and a sign behind such a name need no label."""
_CHANGED = re.compile(
    rf"(?:密码|口令|密钥|秘钥)"
    rf"(?:[^A-Za-z0-9\n]{{0,6}}(?:改|换|更新|重置|统一)[了成为]{{0,2}}[，,：: ]{{1,3}}|[ ：:]{{1,3}}){_STRONG}"
)
_LOGIN_CONTEXT = re.compile(r"账号|帐号|密码|登录|登陆|服务器|后台|数据库|ssh|vpn", re.IGNORECASE)
_COMMAND = re.compile(
    r"\b(?:mysql|mysqldump|mysqladmin|sshpass)\b[^\n]{0,80}? -p ?[\"']?(?P<value>(?=[!-~]*[0-9])"
    r"(?=[!-~]*[A-Za-z])[!-&(-~]{5,64})"
)
_LABEL = re.compile(
    r"(?P<chinese>密[ _.·*|/-]{0,2}码|口[ _.·*|/-]{0,2}令|密匙)|(?P<key>密钥|秘钥|私钥)"
    r"|(?<![A-Za-z])(?P<word>passw(?:or)?d|passphrase|passwd|pass|pwd|psw)(?![A-Za-z])"
    r"|(?P<code>(?:client|app|secret|access|api|auth|private|aes|sign(?:ing)?|aws|aliyun|oss|cos"
    r"|jwt|refresh|bot|user|db|redis"
    r"|mysql|root|admin)?[_ -]?(?:secret(?:[_ -]?(?:access[_ -]?)?key)?|access[_ -]?key(?:[_ -]?"
    r"(?:id|secret))?"
    r"|api[_ -]?key|app[_ -]?key|token|pass(?:word|wd)))(?![A-Za-z])",
    re.IGNORECASE,
)
_JOIN = re.compile(
    r"(?P<named>[\"'`]?[ \t]{0,3}(?:[(（][^()（）\n]{0,10}[)）])?[ \t]{0,3}(?:[:=]|：|->|=>|→|都?是"
    r"|就是|还是|为|均为|改成|改为|换成|设为|设置为|重置为|统一为)"
    r"[了]?[ \t]{0,3}[:=]?[ \t]{0,3}\n?[\"'`“‘「【\[]?|[ \t]{0,2}[\"'`“‘「]?)(?P<value>[!-~]{3,128})"
)
_TRIMMED: Final = ",.;:()[]{}<>\"'`"
_PLACEHOLDER = re.compile(
    r"(?i)^(?:[*#.xX_\-?=~+]+|<.*|\$\{?.*|\{.*|%.*|(?:my|your)[a-z_-]*|xxx.*|.*x{4,}.*|.*\*{2,}.*|"
    r"(?:n/?a|null|none|nil|true|false|undefined|todo|tbd|string|str|int"
    r"|text|varchar.*|bytes?|required|optional|hidden|masked|redacted|placeholder|example|sample"
    r"|changeme|change_me|password|passwd|passwords?|pwd"
    r"|secret|token|key|username|user|admin|root|error|wrong|invalid|expired|incorrect|failed|empty"
    r"|blank|input|field|type|value|reset|login|auth"
    r"|ok|oauth2?|ldap|sso|md5|sha-?\d*|aes-?\d*|rsa-?\d*|des3?|sm[234]|bcrypt|base64|utf-?8|http.*"
    r"|https.*|ssl|tls|jwt|api|app|web|ui|bug|test|demo"
    r"|abc|wifi|wi-fi|vpn|oa|erp|crm|sap|pos|pc|ios|android|excel|word|pdf|zip|rar|email|mail)[.:;,)]*)$"
)
_EXPRESSION = re.compile(
    r"["
    r"(\[{<]|^[A-Za-z_]\w*(?:[.:]{1,2}[A-Za-z_]\w*)+$|^\.{0,2}/|://|^[A-Za-z_]+_[A-Za-z_]+$|^#|^--|\.(?:md|py|js|ts|java|go|vue|yaml|yml|json|txt|docx?|xlsx?)$"
)
_VERSION = re.compile(r"^v?[0-9]+(?:\.[0-9]+)+$", re.IGNORECASE)
_COUNTED = re.compile(
    r" ?(?:位|天|次|个|种|年|月|日|号|分钟|秒|小时|条|期|人|楼|点|周|元|块|台|家|组|层|遍|项|字符"
    r"|及以上|以上|以内|步|章|节|版|%)"
)
_SHARED = re.compile(
    r"(?i)wi-?fi|wlan|无线|热点|访客|解压|压缩包|文件|文档|网盘|打开|查看|打印|投屏|门禁|门锁|大门"
    r"|储物柜|默认|初始|临时|测试账号|测试号|体验|演示|试用|公共|公用|体验账号|测试环境|演练|培训用|假数据"
)
_PUBLIC = re.compile(
    r"(?i)会议|入会|参会|meeting|zoom|webinar|直播|红包|抽奖|支付宝口令|淘口令|活动口令|优惠|暗号"
    r"|提取|课堂|签到|例如|比如|示例|样例|举例|假设|形如|类似|格式|例：|测试数据|脱敏|e\.g\."
)
_MEETING = re.compile(r"(?i)会议 ?(?:号|id)|腾讯会议|入会|meeting|zoom")
_SPOKEN = re.compile(
    r"(?:密码|口令)\s{0,2}(?:是|为|:|就是|：)?\s{0,2}(?P<value>(?:[0-9一二两三四五六七八九]|十)个"
    r"(?:[0-9A-Za-z]|[一二三四五六七八九零](?![\u4e00-\u9fff])))"
)
_CODE_WORD: Final = (
    r"(?:验证码|校验码|动态码|短信码|(?:动态|一次性|随机|短信)(?:密码|口令)|verification code)"
)
_CODE_GIVEN = re.compile(
    rf"{_CODE_WORD}\s{{0,2}}(?:是|为|:|：|就是|收到了)?[^0-9A-Za-z\n，。,.]{{0,4}}"
    rf"(?P<value>[0-9]{{4,8}})(?![0-9])",
    re.IGNORECASE,
)
_CODE_ASKED = re.compile(
    rf"(?:把|将|收到的?)[^，。,.\n]{{0,10}}{_CODE_WORD}[^，。,.\n不别勿泄透]{{0,4}}(?:发|给|告诉|报"
    rf"|转|念|说)(?:我|给我|一下|过来|群里|到群)?"
    rf"|{_CODE_WORD}[^，。,.\n不别勿泄透]{{0,4}}(?:发我|发给我|给我|告诉我|报给我|报一下|转我"
    rf"|转给我|发一下|发群里|发到群)",
    re.IGNORECASE,
)
_FORBIDDEN = re.compile(r"不要|别|勿|不能|不得|严禁|禁止|切莫|他人|任何人|对方|骗")
_NOTIFIED = re.compile(r"有效|泄露|透露|切勿|勿告知|不要告诉|请勿|非本人|退订|您")
_ONE_TIME = re.compile(r"(?:动态|一次性|随机|短信|验证)$")
_BEFORE = 16
_NOTICE_BEFORE = 40


def hinted(plain: str) -> bool:
    """Whether a folded text holds anything for which :func:`secrets` has to look; quick."""
    if any(hint in plain for hint in _HINTS):
        return True
    return _LATIN.search(plain) is not None and _LATIN_HINT.search(plain) is not None


def secrets(text: Verbatim) -> tuple[Secret, ...]:
    """Every secret in a text, in order of appearance, none overlapping; linear in the text."""
    found = sorted(_secrets(text.text), key=lambda one: (one.start, -one.end))
    kept: list[Secret] = []
    for secret in found:
        if not kept or secret.start >= kept[-1].end:
            kept.append(secret)
    return tuple(kept)


def _secrets(text: str) -> Iterator[Secret]:
    for one in KEYS.finditer(text):
        if not _PLACEHOLDER.match(one[0]) and len(set(one[0][6:])) > 4:
            yield Secret(SecretKind.KEY, *one.span())
    for one in _PRIVATE_KEY.finditer(text):
        yield Secret(SecretKind.KEY, *one.span())
    for one in _HOOK.finditer(text):
        yield Secret(SecretKind.KEY, *one.span("value"))
    for one in _BEARER.finditer(text):
        if _mixed(one["value"]) and (one["scheme"].lower() == "bearer" or "uthorization" in one[0]):
            yield Secret(SecretKind.KEY, *one.span("value"))
    for shape in (_ADDRESS, _QUERY):
        for one in shape.finditer(text):
            if not _PLACEHOLDER.match(one["value"]):
                yield Secret(SecretKind.URL, *one.span("value"))
    yield from _passwords(text)
    yield from _codes(text)


def _passwords(text: str) -> Iterator[Secret]:
    for label in _LABEL.finditer(text):
        joined = _JOIN.match(text, label.end())
        if joined is None:
            continue
        value = joined["value"].rstrip(_TRIMMED)
        start, end = joined.start("value"), joined.start("value") + len(value)
        secret = _password(text, label, bool(joined["named"].strip(" \t\"'`")), value, end)
        if secret is not None:
            yield Secret(SecretKind.PASSWORD, start, end, *secret)
    for shape in (_PAIR, _COMMAND, _LOGIN if _LOGIN_CONTEXT.search(text) else _STRONG_LOGIN, _CHANGED):
        yield from _paired(text, shape)
    for one in _SPOKEN.finditer(text):
        if _PUBLIC.search(text, max(0, one.start() - _BEFORE), one.start()) is None:
            yield Secret(SecretKind.PASSWORD, *one.span("value"), False)


def _paired(text: str, shape: re.Pattern[str]) -> Iterator[Secret]:
    """Passwords that stand behind an account, or in a command."""
    for one in shape.finditer(text):
        if not _PLACEHOLDER.match(one["value"]) and not _EXPRESSION.search(one["value"]):
            sure = any(map(str.isdigit, one["value"])) or not one["value"].isalnum()
            yield Secret(SecretKind.PASSWORD, *one.span("value"), sure, _shared(text, one.start()))


def _shared(text: str, start: int) -> bool:
    """Whether it is meant to be shared, or was told to somebody by a system that writes 您."""
    if "您" in text[max(0, start - _NOTICE_BEFORE) : start]:
        return True
    return _SHARED.search(text, max(0, start - _BEFORE), start) is not None


def _password(text: str, label: re.Match[str], named: bool, value: str, end: int) -> tuple[bool, bool] | None:
    """Whether what follows a label is a password: (sure, shared), or ``None`` if it is none."""
    before = text[max(0, label.start() - _BEFORE) : label.start()].rpartition("\n")[2]
    if len(value) < 4 or _PLACEHOLDER.match(value) or _EXPRESSION.search(value) or _VERSION.match(value):
        return None
    if _PUBLIC.search(before) or _ONE_TIME.search(before):
        return None
    if _MEETING.search(text, max(0, label.start() - _NOTICE_BEFORE), label.start()):
        return None  # between its name and its password stands the meeting's number
    if before.endswith(("?", "&")) and not re.search("secret|key", label[0], re.IGNORECASE):
        return None  # links to shared files carry their own
    digits, letters = any(map(str.isdigit, value)), any(map(str.isalpha, value))
    signs = not value.isalnum()
    if label["chinese"]:
        if value.isdigit():
            if _COUNTED.match(text, end) or len(value) > 20 or (not named and len(value) < 6):
                return None
        elif len(value) < (4 if named and (digits or signs) else 6) or not (named or (digits and letters)):
            return None
        sure = digits or signs
    elif label["word"] or "pass" in label[0].lower():
        mixed = digits and letters and len(value) >= 6 and value[0].isalnum()
        if not mixed and (
            not named or label[0].lower() == "pass" or (not (digits or signs) and len(value) < 6)
        ):
            return None
        sure = named and digits and (letters or signs or len(value) >= 6)
    else:
        if len(value) < (8 if named else 20) or not (digits and letters):
            return None
        sure = len(value) >= 12 and len(set(value)) >= 6
    return sure, _shared(text, label.start())


def _mixed(value: str) -> bool:
    """Whether a value has digits and letters of which no word consists."""
    return any(map(str.isdigit, value)) and any(map(str.isalpha, value)) and len(set(value)) > 6


def _codes(text: str) -> Iterator[Secret]:
    for one in _CODE_GIVEN.finditer(text):
        around = text[max(0, one.start() - 60) : one.end() + 60]
        if not _NOTIFIED.search(around) and "【" not in text[max(0, one.start() - 40) : one.start()]:
            yield Secret(SecretKind.CODE, *one.span("value"), False)
    for one in _CODE_ASKED.finditer(text):
        if not _FORBIDDEN.search(text, max(0, one.start() - 8), one.end() + 6):
            yield Secret(SecretKind.CODE, *one.span(), False)
