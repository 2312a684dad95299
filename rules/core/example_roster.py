"""The company that examples play in: a small roster with everything that makes nicknames hard to read.

Departments whose names begin each other, one of a single character, one with a blank and one with a dash;
compound surnames, names with dots, Latin names; heads, people of one name in several departments and twice in
one, and people who have left. Examples name one of :data:`ROSTERS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from rules.core.roster import NOBODY, Employee, Roster

STAFF: Final = Roster.of(
    (
        Employee("1001", "张三", "人力资源部"),
        Employee("1002", "李四", "人力资源部", is_head=True),
        Employee("1003", "王伟", "技术部"),
        Employee("1004", "刘洋", "技术部", is_head=True),
        Employee("1005", "欧阳明", "技术部"),
        Employee("1006", "王伟", "技术部测试组"),
        Employee("1007", "赵敏", "技术部测试组", is_head=True),
        Employee("1008", "陈静", "技术"),
        Employee("1009", "陈静", "技术支持部"),
        Employee("1010", "支持", "技术"),
        Employee("1011", "司马光", "财务部", is_head=True),
        Employee("1012", "王芳", "财务部"),
        Employee("1013", "王芳", "市场部"),
        Employee("1014", "阿卜杜拉·买买提", "市场部"),
        Employee("1015", "迪丽努尔•艾合买提", "新疆办事处"),
        Employee("1016", "John Smith", "海外部"),
        Employee("1017", "O’Brien", "海外部"),
        Employee("1018", "周杰", "厂"),
        Employee("1019", "方圆", "方圆"),
        Employee("1020", "李娜", "客服部"),
        Employee("1021", "李娜", "客服部"),
        Employee("1022", "孙离", "财务部", active=False),
        Employee("1023", "吴双", "IT 部"),
        Employee("1024", "郑爽", "研发中心-平台组"),
        Employee("1025", "钟国强", "市场部", is_head=True),
        Employee("1026", "张三丰", "技术部"),
        Employee("1027", "高总", "市场部"),
        Employee("1028", "于和伟", "3组"),
    ),
    departments=("行政部",),
)
"""A company with a roster, and one department that is known although nobody works there yet."""

DEPARTMENTS: Final = Roster.of((), departments=("人力资源部", "技术部", "技术部测试组", "财务部", "厂"))
"""A company that has told its departments and no roster."""

ROSTERS: Final[Mapping[str, Roster]] = MappingProxyType(
    {"staff": STAFF, "departments": DEPARTMENTS, "nobody": NOBODY}
)
"""What an example may name as its company's roster."""
