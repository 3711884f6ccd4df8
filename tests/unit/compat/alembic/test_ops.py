"""Operation objects have the attributes that Alembic's have, and stand for our operations as they are changed."""

from collections.abc import Callable
from typing import Any

import alembic.operations.ops as theirs
import pytest
import sqlalchemy as sa

from asyncmig.compat.alembic.operations import ops as ours
from asyncmig.operations import AlterColumn, CreateEnum, DropColumn, DropTable, Operation

METADATA = sa.MetaData()
PARENTS = sa.Table("parents", METADATA, sa.Column("id", sa.Integer, primary_key=True))
THINGS = sa.Table(
    "things",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(20), nullable=False),
    sa.Column("parent_id", sa.Integer),
    sa.UniqueConstraint("name", name="uq_name"),
    sa.CheckConstraint("id > 0", name="ck_id"),
    sa.ForeignKeyConstraint(["parent_id"], ["parents.id"], name="fk_parent", ondelete="CASCADE"),
    sa.Index("ix_name", "name", unique=True, postgresql_using="btree"),
    comment="all",
    schema=None,
    mysql_engine="InnoDB",
)


def constraint(name: str) -> Any:
    return next(one for one in THINGS.constraints if one.name == name)


#: How an object is made, and its attributes that are compared.
MADE: dict[str, tuple[Callable[[Any], Any], tuple[str, ...]]] = {
    "create_table": (
        lambda ops: ops.CreateTableOp("t", [sa.Column("id", sa.Integer)], schema="s", comment="c", mysql_engine="X"),
        ("table_name", "schema", "comment", "kw", "if_not_exists"),
    ),
    "from_table": (
        lambda ops: ops.CreateTableOp.from_table(THINGS),
        ("table_name", "schema", "comment", "kw"),
    ),
    "drop_table": (lambda ops: ops.DropTableOp("t", schema="s", if_exists=True), ("table_name", "schema", "if_exists")),
    "drop from_table": (lambda ops: ops.DropTableOp.from_table(THINGS), ("table_name", "schema")),
    "rename_table": (lambda ops: ops.RenameTableOp("a", "b", schema="s"), ("table_name", "new_table_name", "schema")),
    "comment": (
        lambda ops: ops.CreateTableCommentOp("t", "c", existing_comment="o"),
        ("table_name", "comment", "existing_comment", "schema"),
    ),
    "drop comment": (
        lambda ops: ops.DropTableCommentOp("t", schema="s", existing_comment="o"),
        ("table_name", "existing_comment", "schema"),
    ),
    "add_column": (
        lambda ops: ops.AddColumnOp.from_column_and_tablename("s", "t", THINGS.c.name),
        ("table_name", "schema", "column.name", "column.type.length", "column.nullable"),
    ),
    "from_column": (
        lambda ops: ops.AddColumnOp.from_column(THINGS.c.name),
        ("table_name", "schema", "column.name", "column.type.length"),
    ),
    "drop_column": (
        lambda ops: ops.DropColumnOp.from_column_and_tablename(None, "t", THINGS.c.name),
        ("table_name", "schema", "column_name", "kw"),
    ),
    "alter_column": (
        lambda ops: ops.AlterColumnOp(
            "t", "c", existing_nullable=True, modify_nullable=False, modify_comment="x", autoincrement=True
        ),
        (
            *("table_name", "column_name", "schema", "existing_type", "existing_nullable", "existing_server_default"),
            *("modify_nullable", "modify_comment", "modify_server_default", "modify_name", "modify_type", "kw"),
        ),
    ),
    "from_index": (
        lambda ops: ops.CreateIndexOp.from_index(next(iter(THINGS.indexes))),
        ("index_name", "table_name", "schema", "unique", "kw"),
    ),
    "drop from_index": (
        lambda ops: ops.DropIndexOp.from_index(next(iter(THINGS.indexes))),
        ("index_name", "table_name", "schema"),
    ),
    "unique": (
        lambda ops: ops.AddConstraintOp.from_constraint(constraint("uq_name")),
        ("constraint_name", "table_name", "columns", "schema", "constraint_type"),
    ),
    "foreign key": (
        lambda ops: ops.AddConstraintOp.from_constraint(constraint("fk_parent")),
        ("constraint_name", "source_table", "referent_table", "local_cols", "remote_cols", "kw.ondelete"),
    ),
    "check": (
        lambda ops: ops.AddConstraintOp.from_constraint(constraint("ck_id")),
        ("constraint_name", "table_name", "schema", "constraint_type"),
    ),
    "drop constraint": (
        lambda ops: ops.DropConstraintOp.from_constraint(constraint("fk_parent")),
        ("constraint_name", "table_name", "schema", "constraint_type"),
    ),
    "execute": (lambda ops: ops.ExecuteSQLOp("SELECT 1"), ("sqltext", "execution_options")),
}


def attribute(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value[name] if isinstance(value, dict) else getattr(value, name)
    return list(value) if isinstance(value, list | tuple | sa.util.ReadOnlyProperties) else value


@pytest.mark.parametrize("name", MADE)
def test_object_has_the_attributes_that_alembic_gives_it(name: str) -> None:
    make, attributes = MADE[name]
    mine, other = make(ours), make(theirs)

    assert type(mine).__name__ == type(other).__name__
    assert {one: attribute(mine, one) for one in attributes} == {one: attribute(other, one) for one in attributes}


@pytest.mark.parametrize("name", MADE)
def test_difference_is_told_as_alembic_tells_it(name: str) -> None:
    make, _ = MADE[name]
    try:
        expected = make(theirs).to_diff_tuple()
    except NotImplementedError:
        with pytest.raises(NotImplementedError):
            make(ours).to_diff_tuple()
        return
    assert told(make(ours).to_diff_tuple()) == told(expected)


def told(difference: Any) -> Any:
    """A difference with its objects as their names."""
    if isinstance(difference, list | tuple):
        return type(difference)(map(told, difference))
    if isinstance(difference, dict):
        return {name: told(value) for name, value in difference.items()}
    if isinstance(difference, sa.Table):
        return ("table", difference.name, difference.columns.keys())
    if isinstance(difference, sa.Index | sa.Constraint):
        return (type(difference).__name__, difference.name, difference.table.name)
    return ("column", difference.name) if isinstance(difference, sa.Column) else difference


@pytest.mark.parametrize("name", MADE)
def test_object_of_an_operation_says_the_same(name: str) -> None:
    operation: Operation[Any] = MADE[name][0](ours).operation

    assert type(ours_of(operation)) is type(MADE[name][0](ours))
    assert ours_of(operation).operation.call() == operation.call()


def ours_of(operation: Operation[Any]) -> Any:
    from asyncmig.runtime.alembic.ops import op_of

    return op_of(operation)


def test_changes_of_an_object_are_changes_of_the_operation() -> None:
    table = ours.CreateTableOp("t", [sa.Column("b", sa.Integer), sa.Column("a", sa.Integer)])
    table.columns.sort(key=lambda column: column.name)
    table.table_name, table.kw["mysql_engine"] = "u", "InnoDB"
    assert table.operation.describe() == "create table u (a, b)"
    assert table.operation.call().keywords == {"mysql_engine": "InnoDB"}

    column = ours.AlterColumnOp("t", "c", existing_type=sa.Integer(), modify_nullable=True)
    assert column.has_changes()
    column.modify_nullable = None
    assert not column.has_changes()
    column.modify_name = "d"
    operation = column.operation
    assert isinstance(operation, AlterColumn)
    assert (operation.new_column_name, operation.nullable) == ("d", None)


def test_object_undoes_what_it_knows() -> None:
    dropped = ours.DropTableOp.from_table(THINGS)
    assert isinstance(dropped.operation, DropTable) and dropped.operation.dropped is not None
    again = dropped.reverse()
    assert isinstance(again, ours.CreateTableOp)
    assert [one.name for one in again.columns][:3] == ["id", "name", "parent_id"]
    assert isinstance(again.reverse(), ours.DropTableOp)

    column = ours.DropColumnOp.from_column_and_tablename("s", "t", THINGS.c.name)
    assert isinstance(column.operation, DropColumn)
    assert column.reverse().column.type.length == 20
    assert ours.DropColumnOp("t", "c")._reverse is None


def test_containers_undo_themselves_from_the_last_to_the_first() -> None:
    added = ours.AddColumnOp("t", sa.Column("a", sa.Integer))
    inside = ours.ModifyTableOps("t", [added, ours.AddColumnOp("t", sa.Column("b", sa.Integer))], schema="s")
    undone = ours.UpgradeOps([inside]).reverse()

    assert isinstance(undone, ours.DowngradeOps)
    assert [one.column_name for one in undone.ops[0].ops] == ["b", "a"]
    assert (undone.ops[0].table_name, undone.ops[0].schema) == ("t", "s")
    assert [one[0] for one in ours.UpgradeOps([inside]).as_diffs()] == ["add_column", "add_column"]


def test_script_for_several_databases() -> None:
    script = ours.MigrationScript("a1", [ours.UpgradeOps(), ours.UpgradeOps()], ours.DowngradeOps())
    with pytest.raises(ValueError, match="upgrade_ops_list"):
        script.upgrade_ops  # noqa: B018
    assert len(script.upgrade_ops_list) == 2 and script.downgrade_ops.is_empty()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ours.CreateTableOp("t"), "needs columns"),
        (lambda: ours.DropTableOp("t", "s"), "takes 1 arguments"),
        (lambda: ours.DropTableOp("t", table_name="t"), "two values"),
    ],
)
def test_wrong_arguments_are_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        make()


def test_operation_that_alembic_does_not_have_has_an_object_of_its_own() -> None:
    own = ours_of(CreateEnum("e", ["a"]))
    assert own.operation.enum_name == "e"
    assert own.to_diff_tuple()[0] == "create_enum"
    assert own.reverse().operation.verb == "drop_enum"
