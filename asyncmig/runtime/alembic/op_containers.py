"""Containers: Alembic's objects that hold operations, and the revision that is going to be written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from asyncmig.runtime.alembic.op_base import MigrateOperation


class OpContainer(MigrateOperation):
    """Several operations, which are carried out one after the other."""

    def __init__(self, ops: Iterable[Any] = ()) -> None:
        self.ops = list(ops)

    def is_empty(self) -> bool:
        """Whether there is nothing in it."""
        return not self.ops

    def reverse(self) -> Any:
        """What undoes them, from the last to the first."""
        made = type(self).__new__(type(self))
        made.__dict__.update(self.__dict__)
        made.ops = [each.reverse() for each in reversed(self.ops)]
        return made

    def as_diffs(self) -> list[Any]:
        """The differences that they stand for, as `compare_metadata` tells them."""
        return list(self._diffs())

    def _diffs(self) -> Iterator[Any]:
        for each in self.ops:
            if isinstance(each, OpContainer):
                yield from each._diffs()
            elif hasattr(each, "to_diff_tuple"):
                yield each.to_diff_tuple()


class ModifyTableOps(OpContainer):
    """Several operations on one table."""

    def __init__(self, table_name: str, ops: Iterable[Any] = (), *, schema: str | None = None) -> None:
        super().__init__(ops)
        self.table_name = table_name
        self.schema = schema


class UpgradeOps(OpContainer):
    """The operations of an upgrade."""

    def __init__(self, ops: Iterable[Any] = (), upgrade_token: str = "upgrades") -> None:
        super().__init__(ops)
        self.upgrade_token = upgrade_token

    def reverse_into(self, downgrade_ops: DowngradeOps) -> DowngradeOps:
        """Put what undoes them into *downgrade_ops*."""
        downgrade_ops.ops[:] = [each.reverse() for each in reversed(self.ops)]
        return downgrade_ops

    def reverse(self) -> DowngradeOps:
        """What undoes them."""
        return self.reverse_into(DowngradeOps())


class DowngradeOps(OpContainer):
    """The operations of a downgrade."""

    def __init__(self, ops: Iterable[Any] = (), downgrade_token: str = "downgrades") -> None:
        super().__init__(ops)
        self.downgrade_token = downgrade_token

    def reverse(self) -> UpgradeOps:
        """What undoes them."""
        return UpgradeOps([each.reverse() for each in reversed(self.ops)])


class MigrationScript(MigrateOperation):
    """A revision that is going to be written. Whoever is asked may change all of it.

    Args:
        rev_id: its id.
        upgrade_ops, downgrade_ops: its operations; lists of them for several databases.
        message: what it is for.
        imports: lines that the operations need.
        head: what it follows.
        splice: whether it may follow a revision that is no head.
        branch_label: labels for the branch that begins with it.
        version_path: the directory of its file.
        depends_on: what must be applied before it without being its parent.
    """

    def __init__(
        self,
        rev_id: str | None,
        upgrade_ops: UpgradeOps | list[UpgradeOps] | None = None,
        downgrade_ops: DowngradeOps | list[DowngradeOps] | None = None,
        *,
        message: str | None = None,
        imports: Iterable[str] = (),
        head: Any = None,
        splice: bool | None = None,
        branch_label: Any = None,
        version_path: Any = None,
        depends_on: Any = None,
    ) -> None:
        self.rev_id = rev_id
        self.message = message
        self.imports = set(imports)
        self.head = head
        self.splice = splice
        self.branch_label = branch_label
        self.version_path = version_path
        self.depends_on = depends_on
        self.upgrade_ops = UpgradeOps() if upgrade_ops is None else upgrade_ops
        self.downgrade_ops = DowngradeOps() if downgrade_ops is None else downgrade_ops

    @property
    def upgrade_ops(self) -> Any:
        """The operations; None for no database, and an error where there are several."""
        return _only(self._upgrade_ops, "upgrade_ops")

    @upgrade_ops.setter
    def upgrade_ops(self, ops: Any) -> None:
        self._upgrade_ops: list[Any] = list(ops) if isinstance(ops, list | tuple) else [ops]

    @property
    def downgrade_ops(self) -> Any:
        """The operations that take them back; None for no database, and an error where there are several."""
        return _only(self._downgrade_ops, "downgrade_ops")

    @downgrade_ops.setter
    def downgrade_ops(self, ops: Any) -> None:
        self._downgrade_ops: list[Any] = list(ops) if isinstance(ops, list | tuple) else [ops]

    @property
    def upgrade_ops_list(self) -> list[Any]:
        """The operations for each database."""
        return self._upgrade_ops

    @property
    def downgrade_ops_list(self) -> list[Any]:
        """The operations that take them back, for each database."""
        return self._downgrade_ops


def _only(ops: list[Any], name: str) -> Any:
    if len(ops) > 1:
        raise ValueError(f"the revision is for several databases, so use {name}_list instead of {name}")
    return ops[0] if ops else None
