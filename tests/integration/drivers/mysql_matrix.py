"""Every kind of value for every kind of column of MySQL."""

from tests.integration.drivers.matrix import matrix

COLUMNS = {
    "s": "varchar(50)", "x": "text", "i": "int", "bi": "bigint", "n": "decimal(12, 2)", "f": "double",
    "b": "tinyint(1)", "d": "date", "ts": "datetime(6)", "tm": "time", "e": "enum('a', 'b')", "bl": "blob",
    "j": "json", "bt": "bit(4)",
}  # fmt: skip
CASES = matrix(
    __name__,
    (
        f"CREATE TABLE m (id int PRIMARY KEY, {', '.join(f'{name} {type_}' for name, type_ in COLUMNS.items())})",
        "INSERT INTO m (id) VALUES (1)",
    ),
    tuple(COLUMNS),
    "SELECT id, {column} FROM m ORDER BY id",
)
