"""Definitions of columns as MySQL and MariaDB write them, read and edited."""

import pytest

from asyncmig.dialects.mysql_columns import ColumnDefinition, IndexElement, without_escapes

DEFINITIONS = [
    "int NOT NULL AUTO_INCREMENT",
    "int(5) unsigned zerofill NOT NULL DEFAULT 00007",
    "bigint unsigned NOT NULL COMMENT 'NOT NULL DEFAULT 5, (x) it''s \\\\ `y` \"z\"'",
    "varchar(20) CHARACTER SET latin1 COLLATE latin1_bin DEFAULT 'a,b) NOT NULL'",
    "enum('x','y''z','a)b,c','\\\\') COLLATE utf8mb4_bin NOT NULL DEFAULT 'x'",
    "timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)",
    "timestamp NULL DEFAULT NULL ON UPDATE current_timestamp() COMMENT 'x'",
    "int GENERATED ALWAYS AS ((`a` + 1)) VIRTUAL COMMENT 'v'",
    "int GENERATED ALWAYS AS ((`a` + 1)) STORED NOT NULL",
    "varchar(9) COLLATE utf8mb4_bin GENERATED ALWAYS AS (concat(`b`,_utf8mb4')')) VIRTUAL",
    "char(36) DEFAULT (uuid())",
    "char(36) DEFAULT uuid()",
    "int DEFAULT nextval(`d`.`s`) COMMENT 'x'",
    "int DEFAULT `a` CHECK (`a` > 0)",
    "int DEFAULT -1 COMMENT 'x'",
    "bit(8) DEFAULT b'101'",
    "varchar(3) DEFAULT _latin1'x' COMMENT 'x'",
    "longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT '{}' CHECK (json_valid(`e`))",
    "point NOT NULL /*!80003 SRID 4326 */ COMMENT 'x'",
    "int DEFAULT '5' COMMENT 'x' /*!80023 INVISIBLE */",
    "int(11) INVISIBLE DEFAULT 5",
    "int /*!50606 STORAGE DISK */ /*!50606 COLUMN_FORMAT DYNAMIC */ DEFAULT NULL",
    "text /*M!100301 COMPRESSED*/ DEFAULT NULL",
    "timestamp(6) GENERATED ALWAYS AS ROW START INVISIBLE",
    "int(11) DEFAULT NULL WITHOUT SYSTEM VERSIONING",
    "int(11) DEFAULT NULL COMMENT 'x' `engine_option`='y'",
    "int DEFAULT NULL CHECK (`a` > 0) NOT ENFORCED",
]


@pytest.mark.parametrize("text", DEFINITIONS)
def test_reading_and_writing_gives_the_same(text: str) -> None:
    definition = ColumnDefinition.parse(text)
    assert str(definition) == text
    assert " ".join(clause.text for clause in definition.clauses) == text


@pytest.mark.parametrize("text", DEFINITIONS)
def test_adding_a_comment_and_taking_it_off_gives_the_same(text: str) -> None:
    definition = ColumnDefinition.parse(text)
    comment = definition.get("comment")
    changed = definition.replace("comment", "COMMENT 'NULL'")
    assert changed.get("comment") == "COMMENT 'NULL'"
    assert [clause for clause in changed.clauses if clause.kind != "comment"] == [
        clause for clause in definition.clauses if clause.kind != "comment"
    ]
    again = ColumnDefinition.parse(str(changed)).replace("comment", comment)
    assert sorted(again.clauses) == sorted(definition.clauses)


def test_clauses_are_told_apart() -> None:
    definition = ColumnDefinition.parse(
        "varchar(9) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL DEFAULT 'NULL' COMMENT 'x' CHECK (`a` > 'b')"
    )
    assert definition.get("type") == "varchar(9)"
    assert definition.get("charset") == "CHARACTER SET latin1"
    assert definition.get("collate") == "COLLATE latin1_bin"
    assert definition.get("null") == "NOT NULL"
    assert definition.get("default") == "DEFAULT 'NULL'"
    assert definition.get("comment") == "COMMENT 'x'"
    assert definition.get("check") == "CHECK (`a` > 'b')"
    assert not definition.nullable


def test_nullable_default_is_told_from_its_null() -> None:
    definition = ColumnDefinition.parse("timestamp NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP")
    assert [clause.kind for clause in definition.clauses] == ["type", "null", "default", "on update"]
    assert definition.nullable


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("varchar(9) CHARACTER SET latin1 NOT NULL", "VARCHAR(12)", "VARCHAR(12) CHARACTER SET latin1 NOT NULL"),
        ("varchar(9) COLLATE x NOT NULL", "TEXT COLLATE y", "TEXT COLLATE y NOT NULL"),
        (
            "varchar(9) COLLATE x NOT NULL",
            "VARCHAR(9) CHARACTER SET utf8mb4",
            "VARCHAR(9) CHARACTER SET utf8mb4 NOT NULL",
        ),
        ("varchar(9) COLLATE x NOT NULL", "INTEGER", "INTEGER NOT NULL"),
        ("varchar(9) COLLATE x NOT NULL", "NATIONAL VARCHAR(9)", "NATIONAL VARCHAR(9) NOT NULL"),
        ("varchar(9) COLLATE x NOT NULL", "VARCHAR(9) BINARY", "VARCHAR(9) BINARY NOT NULL"),
        ("varchar(9) COLLATE x", "ENUM('binary','ascii')", "ENUM('binary','ascii') COLLATE x"),
        ("text /*M!100301 COMPRESSED*/ DEFAULT NULL", "LONGTEXT", "LONGTEXT /*M!100301 COMPRESSED*/ DEFAULT NULL"),
        ("text /*M!100301 COMPRESSED*/ DEFAULT NULL", "INTEGER", "INTEGER DEFAULT NULL"),
        ("point NOT NULL /*!80003 SRID 4326 */", "GEOMETRY", "GEOMETRY NOT NULL /*!80003 SRID 4326 */"),
        ("point NOT NULL /*!80003 SRID 4326 */", "BLOB", "BLOB NOT NULL"),
        ("int /*!80023 INVISIBLE */", "BIGINT", "BIGINT /*!80023 INVISIBLE */"),
        ("longtext COLLATE utf8mb4_bin NOT NULL CHECK (json_valid(`a`))", "TEXT", "TEXT NOT NULL"),
        (
            "longtext COLLATE utf8mb4_bin NOT NULL CHECK (`a` <> '')",
            "TEXT",
            "TEXT COLLATE utf8mb4_bin NOT NULL CHECK (`a` <> '')",
        ),
    ],
)
def test_new_type_keeps_what_still_has_a_meaning(old: str, new: str, expected: str) -> None:
    assert str(ColumnDefinition.parse(old).retyped(ColumnDefinition.parse(new))) == expected


def test_new_clauses_take_their_place() -> None:
    definition = ColumnDefinition.parse("int CHECK (`a` > 0)")
    for kind, text in (
        ("comment", "COMMENT 'c'"),
        ("default", "DEFAULT 1"),
        ("null", "NOT NULL"),
        ("collate", "COLLATE x"),
    ):
        definition = definition.replace(kind, text)
    assert str(definition) == "int COLLATE x NOT NULL DEFAULT 1 COMMENT 'c' CHECK (`a` > 0)"


def test_renaming_touches_names_of_columns_only() -> None:
    definition = ColumnDefinition.parse("int DEFAULT (`A` + `a`.`f`(1) + 'a' + `ab`) COMMENT '`a`' CHECK (`a` > 0)")
    assert str(definition.renamed("a", "`b c`")) == (
        "int DEFAULT (`b c` + `a`.`f`(1) + 'a' + `ab`) COMMENT '`a`' CHECK (`b c` > 0)"
    )


def test_strings_are_rewritten_for_sessions_without_escapes() -> None:
    shown = r"""enum('a\\','b''c') DEFAULT 'x\'y\n\0' COMMENT '\\"' CHECK (`a\\` <> '\\')"""
    plain = without_escapes(shown)
    assert plain == "enum('a\\','b''c') DEFAULT 'x''y\n\0' COMMENT '\\\"' CHECK (`a\\\\` <> '\\')"
    assert [clause.kind for clause in ColumnDefinition.parse(plain, escapes=False).clauses] == [
        "type",
        "default",
        "comment",
        "check",
    ]


@pytest.mark.parametrize(
    ("text", "expression", "direction"),
    [
        ("a", None, ""),
        ("`a b`", None, ""),
        ("a desc", None, " desc"),
        ("a(10) ASC", None, " ASC"),
        ("lower(a)", "lower(a)", ""),
        ("(lower(a)) DESC", "lower(a)", " DESC"),
        ("(a) + (b)", "(a) + (b)", ""),
        ("a -> '$.x'", "a -> '$.x'", ""),
        ("CAST(a AS CHAR(5) ARRAY)", "CAST(a AS CHAR(5) ARRAY)", ""),
    ],
)
def test_expressions_in_an_index_are_told_from_columns(text: str, expression: str | None, direction: str) -> None:
    assert IndexElement.parse(text) == IndexElement(expression, direction)
