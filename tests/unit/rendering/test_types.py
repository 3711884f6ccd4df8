import enum
import inspect
import warnings
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.exc import CompileError
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

from asyncmig.errors import OperationError
from asyncmig.rendering.operations import value_source
from asyncmig.rendering.source import Source
from tests.unit.rendering.recorder import read_value

HERE = __name__
PG = "from sqlalchemy.dialects import postgresql"


class Color(enum.Enum):
    RED = "r"
    GREEN = "g"


class Short(TypeDecorator[str]):
    """Without parameters of its own."""

    impl = sa.String
    cache_ok = True


class Fixed(TypeDecorator[str]):
    """Decorates a type that is always the same."""

    impl = sa.String(30)
    cache_ok = True


class Money(TypeDecorator[Any]):
    """With parameters of its own."""

    impl = sa.Numeric
    cache_ok = True

    def __init__(self, currency: str, places: int = 2) -> None:
        super().__init__(12, places)
        self.currency = currency
        self._places = places


class Geometry(UserDefinedType[Any]):
    """A type with a keyword that it passes on to its base."""

    cache_ok = True

    def __init__(self, kind: str = "POINT", srid: int = -1) -> None:
        self.kind = kind
        self.srid = srid

    def get_col_spec(self, **kw: Any) -> str:
        return f"GEOMETRY({self.kind},{self.srid})"


class Speaking(UserDefinedType[Any]):
    """A type whose own repr is how it is written."""

    cache_ok = True

    def __init__(self, size: int) -> None:
        self.width = size

    def __repr__(self) -> str:
        return f"Speaking({self.width})"


class Chatty(Geometry):
    """A type whose repr is for people."""

    def __repr__(self) -> str:
        return f"Chatty(<{self.kind}>)"


class Forgetful(UserDefinedType[Any]):
    """A type that keeps nothing of its argument."""

    def __init__(self, size: int) -> None:
        pass


WRITTEN: list[tuple[TypeEngine[Any], str]] = [
    (sa.Integer(), "sa.Integer()"),
    (sa.String(50), "sa.String(length=50)"),
    (sa.String(50, collation="C"), 'sa.String(length=50, collation="C")'),
    (sa.Numeric(10, 2, asdecimal=False), "sa.Numeric(precision=10, scale=2, asdecimal=False)"),
    (sa.Float(24), "sa.Float(precision=24)"),
    (sa.Double(), "sa.Double()"),
    (sa.DateTime(timezone=True), "sa.DateTime(timezone=True)"),
    (sa.VARCHAR(5), "sa.VARCHAR(length=5)"),
    (sa.Boolean(create_constraint=True, name="ck"), 'sa.Boolean(create_constraint=True, name="ck")'),
    (sa.Interval(second_precision=3, native=False), "sa.Interval(native=False, second_precision=3)"),
    (sa.LargeBinary(), "sa.LargeBinary()"),
    (sa.JSON(none_as_null=True), "sa.JSON(none_as_null=True)"),
    (sa.Uuid(as_uuid=False), "sa.Uuid(as_uuid=False)"),
    (sa.ARRAY(sa.String(3), dimensions=2), "sa.ARRAY(sa.String(length=3), dimensions=2)"),
    (sa.PickleType(), "sa.PickleType()"),
    (sa.PickleType(impl=mysql.LONGBLOB()), "sa.PickleType(impl=mysql.LONGBLOB())"),
    (sa.Enum("a", "b", name="e"), 'sa.Enum("a", "b", name="e")'),
    (
        sa.Enum("a", name="e", schema="s", native_enum=False, create_constraint=True, length=9),
        'sa.Enum("a", name="e", schema="s", native_enum=False, create_constraint=True, length=9)',
    ),
    (sa.Enum("a", validate_strings=True), 'sa.Enum("a", validate_strings=True)'),
    (sa.Enum(Color), 'sa.Enum("RED", "GREEN", name="color")'),
    (
        sa.Enum(Color, values_callable=lambda kind: [item.value for item in kind], name="c", create_type=False),
        'sa.Enum("r", "g", name="c", create_type=False)',
    ),
    (postgresql.ENUM("a", name="e", create_type=False), 'postgresql.ENUM("a", name="e", create_type=False)'),
    (postgresql.JSONB(), "postgresql.JSONB()"),
    (postgresql.JSONB(astext_type=sa.Text()), "postgresql.JSONB(astext_type=sa.Text())"),
    (postgresql.ARRAY(postgresql.UUID()), "postgresql.ARRAY(sa.UUID())"),
    (postgresql.HSTORE(), "postgresql.HSTORE()"),
    (postgresql.INTERVAL(fields="DAY TO SECOND"), 'postgresql.INTERVAL(fields="DAY TO SECOND")'),
    (postgresql.TIMESTAMP(timezone=True, precision=3), "postgresql.TIMESTAMP(timezone=True, precision=3)"),
    (postgresql.BIT(5, varying=True), "postgresql.BIT(length=5, varying=True)"),
    (
        postgresql.DOMAIN("d", sa.Integer(), check="VALUE > 0", not_null=True, schema="s"),
        'postgresql.DOMAIN("d", sa.Integer(), schema="s", check=sa.text("VALUE > 0"), not_null=True)',
    ),
    (mysql.INTEGER(unsigned=True), "mysql.INTEGER(unsigned=True)"),
    (mysql.DECIMAL(8, 3, zerofill=True), "mysql.DECIMAL(precision=8, scale=3, zerofill=True)"),
    (mysql.VARCHAR(9, charset="latin1"), 'mysql.VARCHAR(length=9, charset="latin1")'),
    (mysql.LONGTEXT(collation="utf8mb4_bin"), 'mysql.LONGTEXT(collation="utf8mb4_bin")'),
    (mysql.ENUM("a", "b", charset="utf8mb4"), 'mysql.ENUM("a", "b", charset="utf8mb4")'),
    (mysql.SET("a", "b", retrieve_as_bitwise=True), 'mysql.SET("a", "b", retrieve_as_bitwise=True)'),
    (mysql.TIMESTAMP(fsp=6), "mysql.TIMESTAMP(fsp=6)"),
    (sqlite.DATETIME(), "sqlite.DATETIME()"),
    (
        sqlite.DATE(storage_format="%(year)d", regexp=r"(\d+)"),
        'sqlite.DATE(storage_format="%(year)d", regexp="(\\\\d+)")',
    ),
    (
        sa.String(9).with_variant(mysql.TEXT(), "mysql", "mariadb").with_variant(sa.Text(), "sqlite"),
        'sa.String(length=9).with_variant(mysql.TEXT(), "mysql", "mariadb").with_variant(sa.Text(), "sqlite")',
    ),
    (Short(9), f"{HERE}.Short(length=9)"),
    (Fixed(), f"{HERE}.Fixed()"),
    (Money("EUR", 3), f'{HERE}.Money(currency="EUR", places=3)'),
    (Geometry(srid=5), f"{HERE}.Geometry(srid=5)"),
    (Speaking(7), f"{HERE}.Speaking(7)"),
    (Chatty("LINE"), f'{HERE}.Chatty(kind="LINE")'),
]


def ddl(kind: TypeEngine[Any]) -> list[str]:
    """The type in DDL of each database, or that it has none there."""
    words = []
    for dialect in (postgresql.dialect(), mysql.dialect(), sqlite.dialect()):
        try:
            words.append(kind.compile(dialect=dialect))
        except (CompileError, AttributeError) as error:
            words.append(type(error).__name__)
    return words


@pytest.mark.parametrize(("kind", "text"), WRITTEN, ids=[text for _, text in WRITTEN])
def test_a_type_is_written_with_what_differs_from_its_defaults(kind: TypeEngine[Any], text: str) -> None:
    source = value_source(kind)
    back = read_value(source)

    assert source.text == text
    assert value_source(back) == source
    assert ddl(back) == ddl(kind)


def test_a_type_says_what_must_be_imported() -> None:
    assert value_source(postgresql.ARRAY(sa.Integer())).imports == {"import sqlalchemy as sa", PG}
    assert value_source(Money("EUR")).imports == {f"import {HERE}"}


def test_a_class_is_written_by_its_name() -> None:
    assert value_source(sa.Integer).text == "sa.Integer"
    assert value_source(postgresql.JSONB).text == "postgresql.JSONB"
    assert value_source(Short).text == f"{HERE}.Short"


def test_a_type_that_forgets_an_argument_is_an_error_that_says_so() -> None:
    with pytest.raises(OperationError, match="'size'") as caught:
        value_source(Forgetful(5))

    assert "self.size" in str(caught.value.hint)


def test_a_local_type_is_an_error() -> None:
    class Local(UserDefinedType[Any]):
        pass

    with pytest.raises(OperationError, match="cannot be imported"):
        value_source(Local())


def test_a_source_of_a_plug_in_writes_a_type_wherever_it_stands() -> None:
    sources = {Money: lambda kind: Source(f"money({kind.currency!r})", frozenset({"from app import money"}))}
    source = value_source(sa.Column("price", sa.ARRAY(Money("EUR"))), sources=sources)

    assert source.text == "sa.Column(\"price\", sa.ARRAY(money('EUR')))"
    assert "from app import money" in source.imports


def every_type() -> list[type[TypeEngine[Any]]]:
    """Every type that SQLAlchemy exports and that needs no arguments."""
    found = set()
    for module in (sa, sa.types, postgresql, mysql, sqlite):
        for kind in vars(module).values():
            if inspect.isclass(kind) and issubclass(kind, TypeEngine) and not kind.__name__.startswith("_"):
                found.add(kind)
    without = {TypeEngine, TypeDecorator, sa.types.Variant, postgresql.NamedType, sa.types.SchemaType}
    return sorted((kind for kind in found - without if _is_made_without_arguments(kind)), key=str)


def _is_made_without_arguments(kind: type[TypeEngine[Any]]) -> bool:
    try:
        kind()
    except TypeError:
        return False
    return True


@pytest.mark.parametrize("kind", every_type(), ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_type_of_sqlalchemy_is_read_back(kind: type[TypeEngine[Any]]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        source = value_source(kind())

    assert type(read_value(source)) is kind
    assert value_source(read_value(source)) == source


lengths = st.integers(1, 500)
plain_types = st.one_of(
    st.just(sa.Integer()),
    st.builds(sa.String, lengths, collation=st.none() | st.just("C")),
    st.builds(sa.Numeric, st.integers(5, 20), st.integers(0, 5)),
    st.builds(sa.DateTime, timezone=st.booleans()),
    st.builds(mysql.BIGINT, unsigned=st.booleans()),
    st.builds(mysql.VARCHAR, lengths, charset=st.none() | st.just("utf8mb4")),
    st.builds(postgresql.TIMESTAMP, timezone=st.booleans(), precision=st.none() | st.integers(0, 6)),
    st.builds(Money, st.text(max_size=5), st.integers(0, 6)),
    st.builds(
        lambda values, **options: sa.Enum(*values, **options),
        st.lists(st.text(min_size=1, max_size=8), min_size=1, unique=True),
        name=st.just("e"),
        native_enum=st.booleans(),
        create_constraint=st.booleans(),
        length=st.integers(8, 90),
    ),
)
types = st.one_of(
    plain_types,
    st.builds(sa.ARRAY, plain_types, dimensions=st.none() | st.integers(1, 3)),
    st.builds(
        lambda kind, variants: _with_variants(kind, variants),
        plain_types,
        st.dictionaries(st.sampled_from(["mysql", "sqlite", "postgresql"]), plain_types, max_size=3),
    ),
)


def _with_variants(kind: TypeEngine[Any], variants: dict[str, TypeEngine[Any]]) -> TypeEngine[Any]:
    for dialect, variant in variants.items():
        kind = kind.with_variant(variant, dialect)
    return kind


@given(types)
def test_any_type_is_read_back_as_it_was(kind: TypeEngine[Any]) -> None:
    source = value_source(kind)
    back = read_value(source)

    assert value_source(back) == source
    assert ddl(back) == ddl(kind)
