"""Recorder: an `op` that keeps what a script asks for, and the reading back of rendered source."""

import textwrap
from collections.abc import Generator
from typing import Any

from asyncmig.operations import Operation
from asyncmig.rendering.source import Source
from asyncmig.runtime.directives import Directives
from asyncmig.runtime.table_operations import BlockOptions, TableOperations


class Done:
    """What a word of the recorder returns; it may be awaited or not."""

    def __await__(self) -> Generator[None, None, None]:
        yield from ()


class Recorder(Directives):
    """An `op` that keeps the operations."""

    def __init__(self) -> None:
        self.operations: list[Operation[Any]] = []

    def _submit(self, operation: Operation[Any]) -> Done:
        self.operations.append(operation)
        return Done()

    perform = _submit

    def batch_alter_table(self, table_name: str, schema: str | None = None, **options: Any) -> "Block":
        return Block(self, TableOperations(self, table_name, schema), BlockOptions(**options))


class Block:
    """A table block, for `with` and `async with`."""

    def __init__(self, op: Recorder, table: TableOperations, options: BlockOptions) -> None:
        self.op = op
        self.table = table
        self.options = options

    def __enter__(self) -> TableOperations:
        return self.table

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        operation = self.options.alter_table(self.table)
        if error is None and operation is not None:
            self.op.operations.append(operation)

    async def __aenter__(self) -> TableOperations:
        return self.__enter__()

    async def __aexit__(self, kind: Any, error: Any, traceback: Any) -> None:
        self.__exit__(kind, error, traceback)


def namespace(source: Source) -> dict[str, Any]:
    """What the import lines of a source define."""
    names: dict[str, Any] = {}
    exec("\n".join(sorted(source.imports)), names)
    return names


def read_value(source: Source) -> Any:
    """The value that an expression gives."""
    return eval(source.text, {**namespace(source), "op": Recorder()})


def read_back(source: Source, *, asynchronous: bool = False) -> list[Operation[Any]]:
    """The operations of a rendered body."""
    head = f"{'async ' if asynchronous else ''}def upgrade(op):"
    names = namespace(source)
    exec(f"{head}\n{textwrap.indent(source.text, '    ')}\n", names)
    op = Recorder()
    running = names["upgrade"](op)
    if asynchronous:
        try:
            running.send(None)
        except StopIteration:
            return op.operations
        raise AssertionError("the body waits for something")
    return op.operations
