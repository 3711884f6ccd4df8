"""Corpus of objects: views, functions, triggers, sequences and types that are exchanged, in both directions."""

from __future__ import annotations

from tests.faults.corpus import BACK, COUNT, Piece

PG, MY, LITE = ("postgresql",), ("mysql",), ("sqlite",)

OBJECTS = (
    Piece(
        "views",
        f"""
        await op.create_view("names", "SELECT id, name FROM users")
        await op.create_view("few", "SELECT id FROM names WHERE id < 3")
        {COUNT}
        await op.replace_view("few", "SELECT id, 'it''s; few' AS note FROM names WHERE id < 4")
        await op.execute("UPDATE users SET n = n + 1")
        await op.create_view("gone", "SELECT 1 AS one")
        await op.drop_view("gone")
        """,
        f"""
        {BACK}
        await op.execute("UPDATE users SET n = n - 1")
        await op.drop_view("few")
        await op.drop_view("names")
        """,
    ),
    Piece(
        "objects_of_mysql",
        f"""
        await op.create_function("next_of", "a INT", '''
            RETURNS INT DETERMINISTIC
            BEGIN
                DECLARE b INT DEFAULT 1;
                RETURN a + b;
            END
        ''')
        await op.create_trigger("counting", "users", "BEFORE INSERT", "FOR EACH ROW SET NEW.n = next_of(0)")
        {COUNT}
        await op.replace_trigger("counting", "users", "AFTER INSERT", "FOR EACH ROW SET @counted = next_of(1)")
        await op.replace_function("next_of", "a INT", "RETURNS INT DETERMINISTIC RETURN a + 3")
        await op.execute("UPDATE users SET n = next_of(n)")
        await op.create_sequence("numbers", start=5, increment=5)
        await op.alter_sequence("numbers", increment=7)
        await op.alter_table_options("users", mysql_row_format="COMPACT")
        {COUNT}
        """,
        f"""
        {BACK}
        await op.alter_table_options("users", mysql_row_format=None)
        await op.drop_sequence("numbers")
        await op.execute("UPDATE users SET n = n - 3")
        await op.drop_trigger("counting", "users")
        {BACK}
        await op.drop_function("next_of")
        """,
        on=MY,
    ),
    Piece(
        "objects_of_postgresql",
        f"""
        await op.create_enum("grade", ["low", "high"])
        await op.execute('''
            CREATE TABLE grades (id int PRIMARY KEY, grade grade DEFAULT 'low', CHECK (grade <> 'low' OR id > 0))
        ''')
        await op.execute("INSERT INTO grades VALUES (1)")
        await op.alter_enum("grade", ["middle", "low"], existing_values=["low", "high"])
        {COUNT}
        await op.alter_enum("grade", ["middle", "between", "low", "top"], existing_values=["middle", "low"])
        await op.execute("UPDATE grades SET grade = 'top'")
        await op.create_materialized_view("kept", "SELECT id FROM grades", indexes=["CREATE INDEX ix ON kept (id)"])
        await op.create_view("shown", "SELECT id FROM kept")
        await op.replace_materialized_view("kept", "SELECT grade, id FROM grades")
        await op.create_sequence("numbers", start=5)
        await op.alter_sequence("numbers", increment=7)
        """,
        f"""
        await op.drop_sequence("numbers")
        await op.drop_view("shown")
        await op.drop_materialized_view("kept")
        {BACK}
        await op.drop_table("grades")
        await op.drop_enum("grade")
        """,
        on=PG,
    ),
    Piece(
        "objects_of_sqlite",
        f"""
        await op.create_trigger(
            "counting", "users", "AFTER INSERT", "BEGIN UPDATE users SET n = n + 1 WHERE id = NEW.id; END"
        )
        {COUNT}
        await op.replace_trigger("counting", "users", "AFTER DELETE", "BEGIN UPDATE users SET n = n + 1; END")
        await op.alter_table_options("users", sqlite_autoincrement=True)
        """,
        f"""
        await op.alter_table_options("users", sqlite_autoincrement=False)
        {BACK}
        await op.drop_trigger("counting", "users")
        """,
        "plain",
        on=LITE,
    ),
)
