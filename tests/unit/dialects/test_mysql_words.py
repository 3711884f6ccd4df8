"""The words of MySQL 8 and MariaDB: types, defaults and expressions, as they are declared and as they are shown."""

from __future__ import annotations

import pytest

from asyncmig.dialects.mysql_align_columns import is_shown_as
from asyncmig.dialects.mysql_defaults import declared_default, on_update_of, shown_default
from asyncmig.dialects.mysql_expressions import same_expression
from asyncmig.dialects.mysql_read_parts import ColumnReader, Keys, read_checks, read_keys, read_options
from asyncmig.dialects.mysql_server import ServerWords
from asyncmig.dialects.mysql_spelling import Question, _sheets
from asyncmig.dialects.mysql_types import TypeWords, type_words
from asyncmig.schema import (
    CheckState,
    ColumnState,
    ComputedState,
    IndexElement,
    IndexState,
    PrimaryKeyState,
    UniqueState,
)

MYSQL = ServerWords(is_mariadb=False)


def words(text: str, *, escapes: bool = True) -> TypeWords:
    return type_words(text, escapes=escapes, width=lambda charset, collation: 4 if charset is None else 1)


# -- types -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spellings", "expected"),
    [
        (("int", "int(11)", "INTEGER", "INTEGER(5)", "INT4", "int(11) signed"), "int"),
        (("int unsigned", "int(10) unsigned", "INTEGER UNSIGNED"), "int unsigned"),
        (("int(10) unsigned zerofill", "INTEGER ZEROFILL", "int ZEROFILL unsigned"), "int(10) unsigned zerofill"),
        (("tinyint(1)", "BOOL", "BOOLEAN"), "tinyint(1)"),
        (("tinyint", "tinyint(4)", "TINYINT"), "tinyint"),
        (("bigint", "bigint(20)", "INT8"), "bigint"),
        (("decimal(10,0)", "NUMERIC", "DECIMAL(10)", "dec( 10 , 0 )", "FIXED"), "decimal(10,0)"),
        (("decimal(10,2) unsigned zerofill", "NUMERIC(10, 2) ZEROFILL"), "decimal(10,2) unsigned zerofill"),
        (("double", "REAL", "DOUBLE PRECISION", "FLOAT(53)"), "double"),
        (("float", "FLOAT(24)"), "float"),
        (("double(10,3)", "REAL(10, 3)"), "double(10,3)"),
        (("varchar(5)", "CHARACTER VARYING(5)"), "varchar(5)"),
        (("char(1)", "CHAR", "CHARACTER"), "char(1)"),
        (("bit(1)", "BIT"), "bit(1)"),
        (("year", "year(4)", "YEAR"), "year"),
        (("datetime", "DATETIME(0)"), "datetime"),
        (("timestamp(6)", "TIMESTAMP( 6 )"), "timestamp(6)"),
        (("tinytext", "TEXT(63)"), "tinytext"),
        (("text", "TEXT(64)", "TEXT(16383)"), "text"),
        (("mediumtext", "TEXT(16384)", "LONG", "LONG VARCHAR"), "mediumtext"),
        (("longtext", "TEXT(5000000)"), "longtext"),
        (("tinyblob", "BLOB(255)"), "tinyblob"),
        (("varbinary(5)", "VARCHAR(5) CHARACTER SET binary", "VARCHAR(5) BYTE"), "varbinary(5)"),
        (("geometrycollection", "GEOMCOLLECTION"), "geometrycollection"),
        (("enum('a','b''c','d\\\\e')", "ENUM('a', 'b''c', 'd\\\\e')", "enum('a','b\\'c','d\\\\e')"),) * 2,
    ],
)
def test_all_spellings_of_a_type_are_one(spellings: tuple[str, ...], expected: object) -> None:
    expected = expected if isinstance(expected, str) else "enum('a','b''c','d\\\\e')"
    assert {words(spelling).text for spelling in spellings} == {expected}


@pytest.mark.parametrize(
    ("text", "charset", "collation"),
    [
        ("VARCHAR(5) CHARACTER SET latin1", "latin1", None),
        ("TEXT CHARSET utf8 COLLATE utf8_bin", "utf8mb3", "utf8mb3_bin"),
        ("NATIONAL VARCHAR(5)", "utf8mb3", None),
        ("NCHAR(5)", "utf8mb3", None),
        ("VARCHAR(5) ASCII", "latin1", None),
        ("VARCHAR(5) UNICODE", "ucs2", None),
        ("ENUM('character set latin1') COLLATE `utf8mb4_bin`", None, "utf8mb4_bin"),
        ("INTEGER", None, None),
    ],
)
def test_what_a_type_says_of_its_characters_stands_apart(text: str, charset: str | None, collation: str | None) -> None:
    found = words(text)
    assert (found.charset, found.collation, found.is_binary) == (charset, collation, False)


def test_a_binary_collation_may_be_asked_for_by_a_word() -> None:
    assert words("VARCHAR(5) CHARACTER SET latin1 BINARY") == TypeWords("varchar(5)", "latin1", None, True)


def test_backslashes_in_values_are_read_as_the_session_does() -> None:
    assert words("ENUM('a\\b')", escapes=False).text == "enum('a\\\\b')"
    assert words("ENUM('a\\b')", escapes=True).text == "enum('a\b')"


# -- defaults ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "type_", "extra", "expected"),
    [
        (None, "int", "", None),
        ("0", "int", "", "0"),
        ("0.00", "decimal(10,2)", "", "0.00"),
        ("1.5", "double", "", "1.5"),
        ("b'101'", "bit(8)", "", "b'101'"),
        ("it's", "varchar(20)", "", "'it''s'"),
        ("", "varchar(20)", "", "''"),
        ("NULL", "varchar(20)", "", "'NULL'"),
        ("a\\b", "varchar(20)", "", "'a\\\\b'"),
        ("x", "enum('x','y')", "", "'x'"),
        ("2020-01-01", "date", "", "'2020-01-01'"),
        ("2020-01-01 00:00:00", "datetime", "", "'2020-01-01 00:00:00'"),
        ("CURRENT_TIMESTAMP", "datetime", "DEFAULT_GENERATED", "CURRENT_TIMESTAMP"),
        (
            "CURRENT_TIMESTAMP(6)",
            "timestamp(6)",
            "DEFAULT_GENERATED ON UPDATE CURRENT_TIMESTAMP(6)",
            "CURRENT_TIMESTAMP(6)",
        ),
        ("CURRENT_TIMESTAMP", "timestamp", "", "CURRENT_TIMESTAMP"),
        ("now()", "datetime", "DEFAULT_GENERATED", "CURRENT_TIMESTAMP"),
        ("uuid()", "char(36)", "DEFAULT_GENERATED", "uuid()"),
        ("(1 + 2)", "int", "DEFAULT_GENERATED", "1 + 2"),
        ("_utf8mb4\\'x\\'", "text", "DEFAULT_GENERATED", "'x'"),
        ("json_object(_utf8mb4\\'a\\',1)", "json", "DEFAULT_GENERATED", "json_object('a',1)"),
    ],
)
def test_defaults_as_mysql_shows_them(text: str | None, type_: str, extra: str, expected: str | None) -> None:
    assert shown_default(text, type_, extra, is_mariadb=False) == expected


@pytest.mark.parametrize(
    ("text", "type_", "expected"),
    [
        ("NULL", "int", None),
        ("'NULL'", "varchar(20)", "'NULL'"),
        ("current_timestamp()", "datetime", "CURRENT_TIMESTAMP"),
        ("current_timestamp(3)", "datetime(3)", "CURRENT_TIMESTAMP(3)"),
        ("(1 + 2)", "int", "1 + 2"),
        ("'it\\'s'", "text", "'it''s'"),
        ("'a\\nb'", "varchar(20)", "'a\nb'"),
    ],
)
def test_defaults_as_mariadb_shows_them(text: str, type_: str, expected: str | None) -> None:
    assert shown_default(text, type_, "", is_mariadb=True) == expected


@pytest.mark.parametrize(
    ("text", "type_", "expected"),
    [
        ("'0'", "decimal(10,2)", "0.00"),
        ("1.255", "decimal(10,2)", "1.26"),
        ("'7'", "int(5) unsigned zerofill", "00007"),
        ("true", "tinyint(1)", "1"),
        ("FALSE", "int", "0"),
        ("1.6", "int", "2"),
        ("1e2", "int", "100"),
        ("(5)", "int", "5"),
        ("'1.50'", "double", "1.5"),
        ("'1e300'", "double", "1e+300"),
        ("5", "varchar(20)", "'5'"),
        ("5", "text", "5"),
        ("'x '", "char(5)", "'x'"),
        ("b'00101'", "bit(8)", "b'101'"),
        ("5", "bit(8)", "b'101'"),
        ("0", "bit(8)", "b'0'"),
        ("now()", "datetime", "CURRENT_TIMESTAMP"),
        ("LOCALTIMESTAMP", "datetime", "CURRENT_TIMESTAMP"),
        ("not_a_number", "int", "not_a_number"),
        ("NULL", "int", None),
    ],
)
def test_defaults_as_models_declare_them(text: str, type_: str, expected: str | None) -> None:
    assert declared_default(text, type_, escapes=True) == (expected, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP", ("CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP")),
        ("NULL on  update now(6)", (None, "CURRENT_TIMESTAMP(6)")),
        ("'2020-01-01' ON UPDATE current_timestamp()", ("'2020-01-01'", "CURRENT_TIMESTAMP")),
        ("'x ON UPDATE y'", ("'x ON UPDATE y'", None)),
    ],
)
def test_on_update_is_told_apart_from_the_default(text: str, expected: tuple[str | None, str | None]) -> None:
    assert declared_default(text, "timestamp", escapes=True) == expected


def test_on_update_is_found_among_the_extras() -> None:
    assert on_update_of("DEFAULT_GENERATED on update CURRENT_TIMESTAMP(3)") == "CURRENT_TIMESTAMP(3)"
    assert on_update_of("on update current_timestamp()") == "CURRENT_TIMESTAMP"
    assert on_update_of("auto_increment") is None


# -- expressions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a > 0 AND b<5", "`a` > 0 and `b` < 5"),
        ("a != 1", "`a` <> 1"),
        ("a && b || c", "`a` and `b` or `c`"),
        ("a = 'it''s'", "`a` = 'it\\'s'"),
        ("a = 'x'", "`a` = _utf8mb4'x'"),
        ("a /* why */ > 0", "`A` > 0"),
    ],
)
def test_the_same_words_are_the_same_expression(first: str, second: str) -> None:
    assert same_expression(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [("a = 'x'", "a = 'X'"), ("a > (b + 1) * 2", "a > b + 1 * 2"), ("a > 0", "a > 00"), ("a ! = b", "a = b")],
)
def test_other_words_are_another_expression(first: str, second: str) -> None:
    assert not same_expression(first, second)


def test_a_question_mark_may_stand_for_what_a_catalogue_cannot_hold() -> None:
    assert is_shown_as("'a 🙂 b'", "'a ? b'")
    assert is_shown_as("'🙂'", "'????'")
    assert not is_shown_as("'a 🙂 b'", "'a x b'")
    assert not is_shown_as("'ä'", "'?'")


def test_what_mysql_answers_is_read() -> None:
    questions = [
        Question("default", "uuid()", "char(36)", ()),
        Question("computed", "a * 2", "decimal(10,2)", (("a", "int"),)),
        Question("check", "(a) > 0", "", (("a", "int"),)),
        Question("index", "lower(b)", "", (("b", "varchar(5)"),)),
        Question("default", "'0'", "int", ()),
    ]
    (sheet,) = _sheets(questions)
    create, show, drop = sheet.texts()
    assert create == (
        "CREATE TEMPORARY TABLE `asyncmig_words_0` (`a` int, `b` varchar(5), `asyncmig_0` char(36) DEFAULT (uuid()),"
        " `asyncmig_1` decimal(10,2) GENERATED ALWAYS AS (a * 2) VIRTUAL, CONSTRAINT `asyncmig_2` CHECK ((a) > 0),"
        " KEY `asyncmig_3` ((lower(b))), `asyncmig_4` int DEFAULT '0')"
    )
    assert (show, drop) == ("SHOW CREATE TABLE `asyncmig_words_0`", "DROP TEMPORARY TABLE IF EXISTS `asyncmig_words_0`")
    answer = """CREATE TEMPORARY TABLE `asyncmig_words_0` (
  `a` int DEFAULT NULL,
  `b` varchar(5) DEFAULT NULL,
  `asyncmig_0` char(36) DEFAULT (uuid()),
  `asyncmig_1` decimal(10,2) GENERATED ALWAYS AS ((`a` * 2)) VIRTUAL,
  `asyncmig_4` int DEFAULT '0',
  KEY `asyncmig_3` ((lower(`b`))),
  CONSTRAINT `asyncmig_2` CHECK ((`a` > 0))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci"""
    assert dict(sheet.read(answer)) == {
        questions[0]: "uuid()",
        questions[1]: "`a` * 2",
        questions[2]: "`a` > 0",
        questions[3]: "lower(`b`)",
        questions[4]: "'0'",
    }


def test_columns_of_the_same_name_and_other_types_are_asked_about_apart() -> None:
    questions = [Question("check", "a > 0", "", (("a", type_),)) for type_ in ("int", "bigint", "int")]
    assert [list(sheet.questions) for sheet in _sheets(questions)] == [[0, 2], [1]]


# -- rows of MySQL 8 ---------------------------------------------------------------------------------------------------


def test_columns_as_mysql_shows_them() -> None:
    bin_ = "utf8mb4_bin"
    rows = [
        ("t", "id", 1, None, "NO", "int unsigned", None, "auto_increment", "", ""),
        ("t", "name", 2, "x", "YES", "varchar(20)", "utf8mb4_0900_ai_ci", "", "", ""),
        ("t", "code", 3, None, "NO", "char(3)", "utf8mb3_bin", "", "the code", ""),
        (
            "t",
            "at",
            4,
            "CURRENT_TIMESTAMP",
            "YES",
            "datetime",
            None,
            "DEFAULT_GENERATED on update CURRENT_TIMESTAMP",
            "",
            "",
        ),
        ("t", "doc", 5, "json_array()", "YES", "json", None, "DEFAULT_GENERATED", "", ""),
        ("t", "twice", 6, None, "YES", "int", None, "VIRTUAL GENERATED", "", "(`id` * 2)"),
        ("t", "both", 7, None, "YES", "varchar(9)", bin_, "STORED GENERATED", "", "concat(`name`,_utf8mb4\\'x\\')"),
        ("t", "hidden", 8, None, "YES", "int", None, "INVISIBLE", "", ""),
    ]
    assert list(ColumnReader(MYSQL).columns(rows, "utf8mb4_0900_ai_ci", frozenset())) == [
        ColumnState("id", "int unsigned", False, autoincrement=True),
        ColumnState("name", "varchar(20)", True, "'x'"),
        ColumnState("code", "char(3)", False, collation="utf8mb3_bin", comment="the code"),
        ColumnState("at", "datetime", True, "CURRENT_TIMESTAMP", on_update="CURRENT_TIMESTAMP"),
        ColumnState("doc", "json", True, "json_array()"),
        ColumnState("twice", "int", True, computed=ComputedState("`id` * 2", False)),
        ColumnState("both", "varchar(9)", computed=ComputedState("concat(`name`,'x')", True), collation=bin_),
        ColumnState("hidden", "int"),
    ]


def test_keys_as_mysql_shows_them() -> None:
    rows = [
        ("t", "PRIMARY", 2, 0, "b", "A", None, "BTREE", None),
        ("t", "PRIMARY", 1, 0, "a", "A", None, "BTREE", None),
        ("t", "u", 1, 0, "a", "A", None, "BTREE", None),
        ("t", "low", 1, 0, None, "D", None, "BTREE", "lower(`name`)"),
        ("t", "low", 2, 0, "a", "A", 5, "BTREE", None),
        ("t", "words", 1, 1, "text", None, None, "FULLTEXT", None),
        ("t", "place", 1, 1, "at", "A", 32, "SPATIAL", None),
    ]
    assert read_keys(rows, "InnoDB", "mysql") == Keys(
        PrimaryKeyState(None, ("a", "b")),
        (UniqueState("u", ("a",)),),
        (
            IndexState("low", (IndexElement("lower(`name`)", True, True), IndexElement("a", length=5)), True),
            IndexState("place", (IndexElement("at"),), options=(("mysql_prefix", "SPATIAL"),)),
            IndexState("words", (IndexElement("text"),), options=(("mysql_prefix", "FULLTEXT"),)),
        ),
    )


def test_checks_as_mysql_shows_them() -> None:
    rows = [
        ("t", "t_chk_1", "Table", "(`a` > 0)"),
        ("t", "odd", "Table", "((`b` = _utf8mb4\\'x\\') or json_valid(`b`))"),
    ]
    checks, json = read_checks(rows, is_mariadb=False)
    assert checks == (CheckState("odd", "(`b` = 'x') or json_valid(`b`)"), CheckState("t_chk_1", "`a` > 0"))
    assert json == frozenset()


def test_options_as_servers_show_them() -> None:
    mysql = 'row_format=COMPRESSED KEY_BLOCK_SIZE=8 stats_persistent=0 partitioned ENCRYPTION="Y"'
    assert read_options("InnoDB", "utf8mb4_0900_ai_ci", mysql, "mysql") == {
        "mysql_charset": "utf8mb4",
        "mysql_collate": "utf8mb4_0900_ai_ci",
        "mysql_encryption": "Y",
        "mysql_engine": "InnoDB",
        "mysql_key_block_size": "8",
        "mysql_row_format": "COMPRESSED",
        "mysql_stats_persistent": "0",
    }
    mariadb = "stats_persistent=1 row_format=DYNAMIC `PAGE_COMPRESSED`='1'"
    assert read_options("Aria", "latin1_bin", mariadb, "mariadb") == {
        "mariadb_charset": "latin1",
        "mariadb_collate": "latin1_bin",
        "mariadb_engine": "Aria",
        "mariadb_page_compressed": "1",
        "mariadb_row_format": "DYNAMIC",
        "mariadb_stats_persistent": "1",
    }
