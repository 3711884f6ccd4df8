from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from asyncmig.errors import ScriptError
from asyncmig.revisions.revision import Revision
from asyncmig.runtime.alembic_modules import alembic_modules
from asyncmig.runtime.recording import RecordingSession
from asyncmig.runtime.script_runner import run_script
from asyncmig.scripts.loader import load_script


async def run(folder: Path, text: str, **given: Any) -> list[str]:
    """Run a script whose `upgrade` says with `op.execute` what it was given."""
    path = folder / "ae10.py"
    path.write_text("from alembic import op\n" + text)
    script = load_script(Revision("ae10", file=str(path)), modules=alembic_modules())
    session = RecordingSession(SQLiteDialect(), options={"run_arguments": given})
    await run_script(script, "upgrade", session)
    return [str(operation.sqltext) for operation in session.operations]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "given", "expected"),
    [
        ("def upgrade(engine_name): op.execute(engine_name)", {"engine_name": "one"}, "one"),
        ("def upgrade(*, engine_name): op.execute(engine_name)", {"engine_name": "one"}, "one"),
        ("def upgrade(engine_name='two'): op.execute(engine_name)", {}, "two"),
        ("def upgrade(**kw): op.execute(str(sorted(kw)))", {"a": 1, "b": 2}, "['a', 'b']"),
        ("def upgrade(a, **kw): op.execute(f'{a} {kw}')", {"a": 1, "b": 2}, "1 {'b': 2}"),
        ("def upgrade(*args, **kw): op.execute(f'{args} {kw}')", {}, "() {}"),
        ("def upgrade(): op.execute('nothing')", {"engine_name": "one"}, "nothing"),
        ("async def upgrade(op): await op.execute('nothing')", {"engine_name": "one"}, "nothing"),
        ("async def upgrade(op, name=None): await op.execute(name)", {"name": "one"}, "one"),
        (
            "def upgrade(engine_name): globals()[f'upgrade_{engine_name}']()\ndef upgrade_one(): op.execute('one')",
            {"engine_name": "one"},
            "one",
        ),
        ("class U:\n    def __call__(self, a): op.execute(a)\nupgrade = U()", {"a": "one"}, "one"),
        ("import functools\ndef f(x, a): op.execute(x + a)\nupgrade = functools.partial(f, 'x')", {"a": "a"}, "xa"),
    ],
)
async def test_arguments_of_the_run_reach_the_function(
    tmp_path: Path, text: str, given: dict[str, Any], expected: str
) -> None:
    assert await run(tmp_path, text, **given) == [expected]


@pytest.mark.parametrize("text", ["def upgrade(engine_name): pass", "def upgrade(how=1, *, engine_name): pass"])
async def test_an_argument_that_the_run_does_not_have_is_said(tmp_path: Path, text: str) -> None:
    with pytest.raises(
        ScriptError, match=r"upgrade\(engine_name\) needs engine_name, which this run does not"
    ) as caught:
        await run(tmp_path, text, other="x")
    assert caught.value.line == 2
    assert "run_migrations(engine_name=…)" in str(caught.value.hint)
