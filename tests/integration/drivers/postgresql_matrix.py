"""Every kind of value for every kind of column of PostgreSQL."""

from tests.integration.drivers.matrix import matrix

COLUMNS = {
    "s": "varchar(50)", "x": "text", "i": "int", "bi": "bigint", "si": "smallint", "n": "numeric(12, 2)", "f": "float8",
    "b": "boolean", "d": "date", "ts": "timestamp", "tz": "timestamptz", "tm": "time", "iv": "interval", "u": "uuid",
    "j": "json", "jb": "jsonb", "e": "word", "by": "bytea", "ia": "int[]", "ta": "text[]", "ea": "word[]",
    "r": "int4range", "ip": "inet", "bt": "bit(4)", "nm": "name", "c": "char(5)",
}  # fmt: skip
CASES = matrix(
    __name__,
    (
        "CREATE TYPE word AS ENUM ('a', 'b')",
        f"CREATE TABLE m (id int PRIMARY KEY, {', '.join(f'{name} {type_}' for name, type_ in COLUMNS.items())})",
        "INSERT INTO m (id) VALUES (1)",
    ),
    tuple(COLUMNS),
    "SELECT id, {column}::text, pg_typeof({column})::text FROM m ORDER BY id",
)
