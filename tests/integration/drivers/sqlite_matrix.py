"""Every kind of value for every kind of column of SQLite."""

from tests.integration.drivers.matrix import matrix

COLUMNS = {
    "s": "varchar(50)", "i": "integer", "n": "numeric(12, 2)", "f": "real", "b": "boolean", "d": "date",
    "ts": "timestamp", "bl": "blob", "j": "json", "anything": "",
}  # fmt: skip
CASES = matrix(
    __name__,
    (
        f"CREATE TABLE m (id integer PRIMARY KEY, {', '.join(f'{name} {type_}' for name, type_ in COLUMNS.items())})",
        "INSERT INTO m (id) VALUES (1)",
    ),
    tuple(COLUMNS),
    "SELECT id, {column}, typeof({column}) FROM m ORDER BY id",
)
