#!/usr/bin/env python3
"""Operation pages: keeps the generated parts of docs/operations true.

    python scripts/make_operation_docs.py            write the parts anew
    python scripts/make_operation_docs.py --check    only tell which pages would change

A page is written by hand, but for what stands between `<!-- generated: NAME -->` and `<!-- end -->`:

sql         what its first Python block sends to each database. A comment `<!-- prepare: ... -->` before it holds
            operations that come first and are not shown, such as the table that is changed.
parameters  the signature and the parameters, from the operation's own docstring.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import sqlalchemy as sa

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from asyncmig.dialects.registry import adapter_class, dialect_of  # noqa: E402
from asyncmig.errors import AsyncmigError, UnsupportedOperationError  # noqa: E402
from asyncmig.operations import AlterTable  # noqa: E402
from asyncmig.runtime.directives import Directives, Operations  # noqa: E402
from asyncmig.runtime.offline import OfflineSession, SqlScript  # noqa: E402

PAGES = ROOT / "docs" / "operations"
DATABASES = {
    "PostgreSQL": "postgresql+asyncpg://localhost/app",
    "MySQL, MariaDB": "mysql+aiomysql://localhost/app",
    "SQLite": "sqlite+aiosqlite:///app.db",
}
_REGION = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_PREPARE = re.compile(r"<!-- prepare:\n(.*?)-->", re.DOTALL)
_PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)
_PARAMETER = re.compile(r"^    (\w+(?:, \w+)*): (.*)$")


def new_text(page: str, verb: str) -> str:
    """A page with its generated parts made anew."""

    def region(found: re.Match[str]) -> str:
        made = sql_of(page) if found[2] == "sql" else parameters_of(verb)
        return f"{found[1]}{made}\n{found[3]}"

    return _REGION.sub(region, page)


def sql_of(page: str) -> str:
    """What the first Python block of a page sends, a tab for each database."""
    prepare = _PREPARE.search(page)
    example = _PYTHON.search(page)
    if example is None:
        raise ValueError("the page has no Python block")
    tabs = []
    for name, url in DATABASES.items():
        shown = asyncio.run(printed(url, prepare[1] if prepare else "", example[1]))
        tabs.append(f'=== "{name}"\n\n{indent(shown, "    ")}')
    return "\n\n".join(tabs)


async def printed(url: str, prepare: str, example: str) -> str:
    """What *example* sends to one database after *prepare*, as a block of Markdown."""
    dialect = dialect_of(sa.make_url(url))
    if dialect.name == "mysql":
        # Printed for MySQL 8.4; MariaDB differs in little of what is shown.
        dialect.server_version_info = (8, 4, 0)
    adapter = adapter_class(dialect)(dialect)
    known = adapter.offline_facts()
    for body in (prepare, example):
        script = SqlScript(adapter)
        session = OfflineSession(adapter, script, known)
        try:
            await coroutine_of(body)(Operations(session))
        except UnsupportedOperationError as error:
            return f"Not supported: {error.message.partition(': ')[2]}"
        except AsyncmigError as error:
            return f"{error.message}"
    # Where the transaction of the revision ends and begins again is no part of the operation.
    sent = re.sub(r"^(BEGIN|COMMIT);\n", "", script.text, flags=re.MULTILINE)
    text = re.sub(r"\n{2,}", "\n\n", sent).replace("\t", "    ").strip()
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return f"```sql\n{lines}\n```" if lines else "Nothing is sent."


def coroutine_of(body: str) -> Any:
    """A body of a script as a coroutine function."""
    names: dict[str, Any] = {"sa": sa}
    exec(f"async def upgrade(op):\n{indent(dedent(body).strip() or 'pass', '    ')}", names)
    return names["upgrade"]


def parameters_of(verb: str) -> str:
    """Signature and parameters of a directive."""
    build = builder_of(verb)
    kind = getattr(build, "__self__", build)
    told = documented(inspect.getdoc(kind) or "", hidden_of(build))
    rows = [f"| `{names}` | {text} |" for names, text in told.items()]
    table = "\n".join(["| parameter | |", "|---|---|", *rows])
    return f"```text\n{signature(verb, build)}\n```\n\n{table}"


def builder_of(verb: str) -> Any:
    """What builds the operation of a directive."""
    word = inspect.getattr_static(Directives, verb, None)
    if word is not None:
        return word.build
    return AlterTable if verb == "batch_alter_table" else getattr(Operations, verb)


def signature(verb: str, build: Any) -> str:
    """The call of a directive: names and defaults, no types."""
    if build is AlterTable:
        build = Operations.batch_alter_table
    hidden = {"self", *hidden_of(build)}
    given = [one for one in inspect.signature(build).parameters.values() if one.name not in hidden]
    parts: list[str] = []
    for one in given:
        if one.kind is one.KEYWORD_ONLY and not any(part.startswith("*") for part in parts):
            parts.append("*")
        star = "*" if one.kind is one.VAR_POSITIONAL else "**" if one.kind is one.VAR_KEYWORD else ""
        default = "" if one.default is one.empty else f"={one.default!r}"
        parts.append(f"{star}{one.name}{'' if 'factory' in default else default}")
    line = f"op.{verb}({', '.join(parts)})"
    if len(line) <= 100:
        return line
    return f"op.{verb}(\n" + "".join(f"    {part},\n" for part in parts) + ")"


def hidden_of(build: Any) -> set[str]:
    """The fields of an operation that no script gives."""
    kind = getattr(build, "__self__", build)
    return {field.name for field in getattr(kind, "__dataclass_fields__", {}).values() if field.metadata.get("hidden")}


def documented(doc: str, hidden: Iterable[str]) -> Mapping[str, str]:
    """The parameters of a docstring: names and what is said of them."""
    found: dict[str, str] = {}
    last = None
    for line in doc.partition("Args:\n")[2].splitlines():
        if not line.strip():
            break
        if match := _PARAMETER.match(line):
            last, found[match[1]] = match[1], match[2]
        elif last is not None:
            found[last] += " " + line.strip()
    for name in ("operations", *hidden):
        found.pop(name, None)
    return {names.replace(", ", "`, `"): text for names, text in found.items()}


def main() -> int:
    """Write the pages, or check them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 when a page would change")
    check = parser.parse_args().check
    stale = 0
    for path in sorted(PAGES.glob("*.md")):
        page = path.read_text("utf-8")
        made = new_text(page, path.stem)
        if made == page:
            continue
        stale += 1
        print(f"{path.relative_to(ROOT)} {'is stale' if check else 'written'}")
        if not check:
            path.write_text(made, "utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
