"""Made-up secrets in sentences of a work group, and what only looks like them: seeded, nothing of it is anybody's.

A secret's check digits are right; those of a near miss are wrong, or it is another kind of number. Public standards
are followed: GB 11643 (resident ids), ISO/IEC 7812 (cards), and how services print their keys.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

Draw = Callable[[random.Random], str]

REGIONS = (
    "110101", "110105", "310101", "310115", "320102", "330106", "350203", "370102",
    "410102", "420106", "430103", "440103", "440305", "500103", "510104", "610113",
)  # fmt: skip
"""Counties by their code (GB/T 2260), from all parts of the country."""
BORN_FROM, BORN_DAYS = date(1955, 1, 1), 18_000
CARDS: Mapping[str, int] = {
    "622202": 19, "622848": 19, "621700": 19, "621661": 19, "622588": 16, "622260": 17, "4563": 16, "5187": 16,
}  # fmt: skip
"""Beginnings of card numbers, and how long each is."""
ALPHANUMERIC = string.ascii_letters + string.digits
UPPER = string.ascii_uppercase + string.digits
HEX = "0123456789abcdef"
MONTH_DAYS = 28


@dataclass(frozen=True, slots=True)
class Made:
    """One sentence, what it holds, and whether that is a secret."""

    kind: str
    text: str
    secret: bool


def id_check(digits: str) -> str:
    """The last sign of a resident id from its first 17 digits (GB 11643)."""
    total = sum(int(digit) * (2 ** (17 - index) % 11) for index, digit in enumerate(digits))
    return "10X98765432"[total % 11]


def luhn_check(digits: str) -> str:
    """The check digit that belongs behind these digits (ISO/IEC 7812)."""
    total = 0
    for index, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 if index % 2 else 2)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def _drawn(chance: random.Random, signs: str, length: int) -> str:
    return "".join(chance.choices(signs, k=length))


def _digits(chance: random.Random, length: int) -> str:
    return _drawn(chance, string.digits, length)


def resident_id(chance: random.Random) -> str:
    """A valid resident id: of a county that exists, a day of birth, and the right check sign."""
    born = BORN_FROM + timedelta(days=chance.randrange(BORN_DAYS))
    first = f"{chance.choice(REGIONS)}{born:%Y%m%d}{_digits(chance, 3)}"
    return first + id_check(first)


def card(chance: random.Random) -> str:
    """A valid card number, plain or in groups of four."""
    begins = chance.choice(tuple(CARDS))
    first = begins + _digits(chance, CARDS[begins] - len(begins) - 1)
    number = first + luhn_check(first)
    return number if chance.random() < 0.6 else _grouped(number)


def _grouped(number: str) -> str:
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def _web_token(chance: random.Random) -> str:
    return f"eyJhbGciOiJIUzI1NiJ9.eyJ{_drawn(chance, ALPHANUMERIC, 40)}.{_drawn(chance, ALPHANUMERIC, 43)}"


def _private_key(chance: random.Random) -> str:
    lines = "\n".join(_drawn(chance, ALPHANUMERIC + "+/", 64) for _ in range(3))
    name = chance.choice(["RSA ", "EC ", "OPENSSH ", ""]) + "PRIVATE KEY"
    return f"-----BEGIN {name}-----\n{lines}\n-----END {name}-----"


_KEYS: Sequence[Draw] = (
    lambda chance: "AKIA" + _drawn(chance, UPPER, 16),
    lambda chance: "LTAI5t" + _drawn(chance, ALPHANUMERIC, 18),
    lambda chance: "AKID" + _drawn(chance, ALPHANUMERIC, 32),
    lambda chance: "sk-" + _drawn(chance, ALPHANUMERIC, 48),
    lambda chance: "ghp_" + _drawn(chance, ALPHANUMERIC, 36),
    lambda chance: "glpat-" + _drawn(chance, ALPHANUMERIC, 20),
    lambda chance: f"xoxb-{_digits(chance, 12)}-{_digits(chance, 12)}-{_drawn(chance, ALPHANUMERIC, 24)}",
    lambda chance: "AIza" + _drawn(chance, ALPHANUMERIC, 35),
    lambda chance: "appsecret=" + _drawn(chance, HEX, 32),
    _web_token,
    _private_key,
)


def key(chance: random.Random) -> str:
    """A key as some service prints it."""
    return chance.choice(_KEYS)(chance)


def _word(chance: random.Random) -> str:
    """A password as people make them: no word, no placeholder."""
    return _drawn(chance, string.ascii_letters, 6) + chance.choice("@#!_") + _digits(chance, 3)


def connection(chance: random.Random) -> str:
    """A connection string that holds a password."""
    host = f"10.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(1, 255)}"
    secret = _word(chance).replace("@", "_").replace("#", "_")
    user = chance.choice(["root", "app", "erp_rw", "admin"])
    return chance.choice(
        [
            f"mysql://{user}:{secret}@{host}:3306/orders",
            f"postgresql://{user}:{secret}@{host}/crm",
            f"redis://:{secret}@{host}:6379/0",
            f"mongodb+srv://{user}:{secret}@cluster0.example.net/shop",
            f"amqp://{user}:{secret}@{host}:5672/",
            f"jdbc:mysql://{host}:3306/erp?user={user}&password={secret}",
            f"Server={host};Database=wms;User Id={user};Password={secret};",
        ]
    )


SECRETS: Mapping[str, tuple[Draw, Sequence[str]]] = {
    "id": (
        resident_id,
        (
            "新员工刘敏身份证号{}，麻烦人事录一下",
            "帮客户订明天的票 {} 张建国",
            "住宿登记：王芳，身份证{}，两晚",
            "{} 这个身份证在系统里查不到，谁看看",
            "投保人资料：\n姓名 陈立\n证件号 {}",
        ),
    ),
    "card": (
        card,
        (
            "退款打到客户这张卡：{}，建设银行，李雪",
            "报销发我工资卡 {} 谢谢",
            "卡号{}，户名周文，麻烦今天转",
            "客户说扣款失败，卡号是 {}，帮查下流水",
            "他给的银行卡：\n{}\n你核对一下",
        ),
    ),
    "key": (
        key,
        (
            "测试环境的key先用这个 {}",
            "{} 配到环境变量里就行",
            "接口调不通的看下，token是{}",
            "新的密钥发群里了，别弄丢：\n{}",
            "谁要调用短信接口用这个：{}",
        ),
    ),
    "connection": (
        connection,
        (
            "数据库连这个 {}",
            "线上连接串：{}",
            "把配置改成 {} 再重启一下",
            "本地起不来的用这个地址\n{}",
            "备份脚本里填 {} 就可以了",
        ),
    ),
}
"""By kind of secret how it is made, and the sentences that it stands in."""


def _wrong(digits: str, chance: random.Random, *right: str) -> str:
    """Digits with a last one that is none of those that would be right."""
    return digits + chance.choice([digit for digit in string.digits if digit not in right])


def _dated(chance: random.Random) -> str:
    return f"20{chance.randrange(20, 27)}{chance.randrange(1, 13):02}{chance.randrange(1, MONTH_DAYS + 1):02}"


def _bad_id(chance: random.Random) -> str:
    digits = resident_id(chance)[:17]
    return _wrong(digits, chance, id_check(digits), luhn_check(digits))


def _bad_card(chance: random.Random) -> str:
    digits = card(chance).replace(" ", "")[:-1]
    return _wrong(digits, chance, luhn_check(digits))


NEAR_MISSES: Mapping[str, tuple[Draw, Sequence[str]]] = {
    "order number": (
        lambda chance: _dated(chance) + _digits(chance, chance.choice([6, 8, 9, 10])),
        ("订单{}今天发货", "采购单号{}，请仓库确认到货", "{} 这单客户要改地址", "流水号 {} 查一下有没有入账"),
    ),
    "number with a wrong id check": (
        _bad_id,
        ("设备编号{}已经巡检", "工单 {} 转给二线了", "物料批次{}封存待检"),
    ),
    "number with a wrong card check": (
        _bad_card,
        ("快递单号{}，下午到", "条码 {} 扫不出来", "合同编号{}已归档"),
    ),
    "parcel": (
        lambda chance: chance.choice(["SF", "YT", "JD", "EMS", "ZTO"]) + _digits(chance, 13),
        ("样品寄出了 {}", "顺丰{}显示已签收", "单号{}，麻烦前台收一下"),
    ),
    "commit": (
        lambda chance: _drawn(chance, HEX, 40),
        ("回滚到 {}", "这个提交有问题 {}，谁改的", "{} 已合并到主干"),
    ),
    "digest": (
        lambda chance: _drawn(chance, HEX, 32),
        ("安装包md5 {}，下载后核对", "文件校验值{}", "traceId: {} 帮看下日志"),
    ),
    "uuid": (
        lambda chance: "-".join(_drawn(chance, HEX, length) for length in (8, 4, 4, 4, 12)),
        ("请求ID {} 报了500", "任务{}跑完了", "设备 {} 离线"),
    ),
    "masked": (
        lambda chance: chance.choice(
            [
                f"{chance.choice(REGIONS)}********{_digits(chance, 4)}",
                f"6222 **** **** {_digits(chance, 4)}",
                "sk-********************",
                f"尾号{_digits(chance, 4)}",
            ]
        ),
        ("证件{}的客户来取件了", "{} 这张卡退款成功", "登记信息 {} 已核对", "日志里已经打码了：{}"),
    ),
    "connection without password": (
        lambda chance: chance.choice(
            [
                "mysql://localhost:3306/test",
                "redis://10.0.0.5:6379",
                "postgresql://db.example.com/crm",
                "jdbc:mysql://10.1.2.3:3306/erp",
                "mysql://user:<password>@host/db",
                "postgresql://${USER}:${PASSWORD}@db/crm",
                "password=******",
            ]
        ),
        ("地址是 {}", "配置里写 {}，密码找运维单独要", "文档里的例子：{}"),
    ),
    "amounts and times": (
        lambda chance: f"{_dated(chance)}{_digits(chance, 6)}/{_digits(chance, 5)}.{_digits(chance, 2)}",
        ("今日对账 {} 元", "报表 {} 已更新", "{} 的差异找到了"),
    ),
}
"""By kind what is no secret, though it looks like one."""


def secrets(count: int, seed: str = "") -> Iterator[Made]:
    """So many sentences with a secret in them, of each kind in turn; the same for the same seed."""
    return _sentences(SECRETS, True, count, seed)


def near_misses(count: int, seed: str = "") -> Iterator[Made]:
    """So many sentences without one."""
    return _sentences(NEAR_MISSES, False, count, seed)


def _sentences(
    kinds: Mapping[str, tuple[Draw, Sequence[str]]], secret: bool, count: int, seed: str
) -> Iterator[Made]:
    chance = random.Random(f"{secret} {seed}")  # noqa: S311 - the same sentences every time are what is wanted
    names = tuple(kinds)
    for number in range(count):
        name = names[number % len(names)]
        draw, sentences = kinds[name]
        yield Made(name, chance.choice(sentences).format(draw(chance)), secret)
