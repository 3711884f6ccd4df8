from __future__ import annotations

import pytest

from asyncmig.errors import ScriptError, UnawaitedOperationError
from asyncmig.scripts.checks import check_source, looks_clean

VERBS = frozenset({"add_column", "execute", "create_table", "f", "batch_alter_table"})

FINE = [
    "await op.execute('x')",
    "x = op.execute('x')\n    await x",
    "return await op.execute('x')",
    "op.f('name')",
    "op.get_bind()",
    "op.inline_literal('x')",
    "op.connection",
    "op.is_offline",
    "op.perform_later()",
    "other.execute('x')",
    "self.op.execute('x')",
    "async with op.batch_alter_table('t') as batch:\n        batch.add_column('c')",
    "async with op.alter_table('t') as table:\n        table.execute('c')",
    "if await op.execute('x'):\n        pass",
    "def helper(op):\n        op.execute('x')\n    helper(1)",
    "'op.execute(1)'",
    "asyncio.gather(op.execute('a'), op.execute('b'))",
    "work = [op.execute('x') for _ in range(2)]",
]

WRONG = [
    "op.execute('x')",
    "if True:\n        op.execute('x')",
    "for _ in range(2):\n        op.execute('x')",
    "try:\n        pass\n    except ValueError:\n        op.execute('x')",
    "try:\n        pass\n    finally:\n        op.execute('x')",
    "match 1:\n        case 1:\n            op.execute('x')",
    "with x:\n        op.execute('x')",
    "async with x:\n        op.execute('x')",
    "async def inner():\n        op.execute('x')\n    await inner()",
    "x and op.execute('x')",
    "op.execute('x') if x else None",
    "op.execute('x'), 1",
    "await op.execute('x'); op.execute('x')",
    "(\n        op\n        .execute('x'))",
]


def script(body: str) -> str:
    return f"async def upgrade(op):\n    {body}\n\n\nasync def downgrade(op):\n    pass\n"


@pytest.mark.parametrize("body", FINE)
def test_what_is_fine(body: str) -> None:
    check_source(script(body), "a.py", VERBS)


@pytest.mark.parametrize("body", WRONG)
def test_a_forgotten_await(body: str) -> None:
    text = script(body)
    assert not looks_clean("\n" + text, VERBS)
    with pytest.raises(UnawaitedOperationError) as caught:
        check_source(text, "a.py", VERBS)
    assert caught.value.verb == "execute"
    assert "op" in text.splitlines()[(caught.value.line or 0) - 1]
    assert "# correct" in str(caught.value)


def test_a_call_over_several_lines_is_shown_by_its_first() -> None:
    with pytest.raises(UnawaitedOperationError, match=r"op\.create_table\( …\) was not awaited"):
        check_source(script('op.create_table(\n        "t",\n    )'), "a.py", VERBS)


def test_a_helper_that_takes_op_too() -> None:
    text = "async def helper(op):\n    op.execute('x')\n\n" + script("await helper(op)")
    with pytest.raises(UnawaitedOperationError):
        check_source(text, "a.py", VERBS)


def test_op_may_have_another_name() -> None:
    with pytest.raises(UnawaitedOperationError):
        check_source("async def upgrade(o):\n    o.execute('x')\n", "a.py", VERBS)


def test_an_async_function_without_op() -> None:
    with pytest.raises(ScriptError) as caught:
        check_source("import x\nasync def upgrade():\n    pass\n", "a.py", VERBS)
    assert caught.value.line == 2
    assert caught.value.message == "a.py:2: upgrade is async, so it must take op."
    assert caught.value.hint == "async def upgrade(op) -> None:"


def test_no_upgrade() -> None:
    with pytest.raises(ScriptError, match="no function 'upgrade'"):
        check_source("async def downgrade(op):\n    pass\n", "a.py", VERBS)


@pytest.mark.parametrize(
    "text", ["from common import upgrade\n", "from common import *\n", "upgrade = make()\n", "def upgrade(): pass\n"]
)
def test_upgrade_may_come_from_anywhere(text: str) -> None:
    check_source(text, "a.py", VERBS)


def test_no_python() -> None:
    with pytest.raises(ScriptError, match=r"a\.py:1: The file does not parse"):
        check_source("async def upgrade(", "a.py", VERBS)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("\nasync def upgrade(op: Operations) -> None:\n    await op.execute('x')\n", True),
        ("\nasync def upgrade(op) -> None:\n    await op.execute('x')\n    op.f('x')\n", True),
        ("\nasync def upgrade(op) -> None:\n    await op.execute('x')\n    y = op.execute('x')\n", False),
        ("\nasync def upgrade() -> None:\n    pass\n", False),
        ("\ndef upgrade() -> None:\n    async def inner(op): pass\n", False),
    ],
)
def test_the_quick_look(text: str, clean: bool) -> None:
    assert looks_clean(text, VERBS) is clean
