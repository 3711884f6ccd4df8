"""Taking texts of SQL apart."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asyncmig.dialects.sql_text import (
    MYSQL,
    POSTGRESQL,
    SQLITE,
    LexicalRules,
    first_words,
    split_statements,
    tokens,
)

ALL = pytest.mark.parametrize("rules", [POSTGRESQL, MYSQL, SQLITE], ids=["postgresql", "mysql", "sqlite"])

#: What statements may begin with.
BEGINNINGS = [
    *["create", "TABLE", "t1", "_x", "é", "1", "$a$", "a$b", "@v", ":p", "N'x'", "a.b"],
    *[" ", "\n", "(", ")", ",", "=", "*", "/", ";", "#", '"q"', "'s'", "`b`", "--c\n", "/*c*/"],
]

#: Statements, each with at least one trap, that must come back as they are.
STATEMENTS = {
    "common": [
        "SELECT 1",
        "SELECT ';'",
        "SELECT 'it''s;'",
        'SELECT "a;""b" FROM t',
        "SELECT 1 -- not ; the end\n, 2",
        "SELECT 1 /* not ; the end */, 2",
        "SELECT '--;', '/*;'",
        "SELECT (1)",
        "BEGIN",
        "COMMIT",
        "END",
        "SELECT CASE WHEN a THEN 1 ELSE 2 END FROM t",
        "CREATE TABLE trigger_of_begin (begin_at int)",
        "-- said before\nSELECT 1",
    ],
    "postgresql": [
        "SELECT $$;$$",
        "DO $do$ BEGIN PERFORM 1; PERFORM $$;$$; END $do$",
        "SELECT a$b$c FROM t",
        "SELECT E'\\';'",
        "SELECT e'a' \n '\\';'",
        "SELECT '\\'",
        "SELECT U&'\\0041;'",
        "SELECT 1 /* a /* ; */ ; */",
        "SELECT a::text, b[1:2], c #> '{;}'",
        "SELECT $1, $2",
        "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); DELETE FROM b)",
        "CREATE FUNCTION f(a int) RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN a > 0 THEN 1 END; END",
        "create or replace procedure p() begin atomic insert into t values (1); end",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1",
        "SELECT begin, atomic FROM t",
        "INSERT INTO t VALUES ('\\:name', :other)",
        "SELECT 2*/* ; */3",
        "SELECT 'ß', \"naïve;\", ünïcode",
        "SELECT $ä$;$ä$",
    ],
    "mysql": [
        "SELECT 'it\\'s;'",
        'SELECT "it\\"s;"',
        "SELECT `a;``b` FROM t",
        "SELECT 1 # not ; the end\n, 2",
        "SELECT 1--1",
        "SELECT '\\\\'",
        "/*!40101 SET NAMES utf8 */",
        "/*!40101 SET @a = ';*/' */",
        "/*M!100401 SET @a = 1 */",
        "SELECT /*+ MAX_EXECUTION_TIME(1) */ 1",
        "SELECT 2*/* ; */3",
        "CREATE PROCEDURE p() SELECT 1",
        "CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END",
        "CREATE DEFINER=`root`@`%` PROCEDURE p() BEGIN SELECT 1; END",
        "CREATE DEFINER = CURRENT_USER() TRIGGER a BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.a = 1; END",
        "CREATE OR REPLACE DEFINER=a@b VIEW v AS SELECT 1",
        "CREATE TRIGGER a BEFORE UPDATE ON t FOR EACH ROW SET NEW.a = 1",
        "CREATE TRIGGER a BEFORE UPDATE ON t FOR EACH ROW FOLLOWS b IF NEW.a THEN SET NEW.b = 1; END IF",
        "CREATE TRIGGER a AFTER DELETE ON t FOR EACH ROW CASE OLD.a WHEN 1 THEN SELECT 1; ELSE SELECT 2; END CASE",
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM t; END",
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM t",
        "ALTER EVENT e DO BEGIN DELETE FROM t; END",
        "CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN IF(1, 2, 3)",
        "CREATE FUNCTION f() RETURNS CHAR(5) CHARACTER SET utf8 RETURN REPEAT('a', 5)",
        "CREATE FUNCTION f() RETURNS CHAR(5) CHARACTER SET utf8 BEGIN RETURN REPEAT('a;', 5); END",
        "CREATE FUNCTION f() RETURNS INT RETURN CASE WHEN 1 THEN 2 END",
        "CREATE PROCEDURE IF NOT EXISTS p() BEGIN DROP TABLE IF EXISTS t; CREATE TABLE IF NOT EXISTS t (a int); END",
        "CREATE PROCEDURE p() BEGIN IF a THEN SELECT IF(1, 2, 3); ELSEIF b THEN SELECT 2; ELSE SELECT 3; END IF; END",
        "CREATE PROCEDURE p() BEGIN SELECT CASE WHEN a THEN IF(1, 2, 3) ELSE IF(4, 5, 6) END; SELECT 1; END",
        "CREATE PROCEDURE p() BEGIN CASE WHEN a THEN SELECT 1; ELSE BEGIN END; END CASE; SELECT 1; END",
        "CREATE PROCEDURE p() BEGIN one: LOOP SET a = 1; LEAVE one; END LOOP one; END",
        "CREATE PROCEDURE p() one: BEGIN two: WHILE a DO SET a = 0; END WHILE two; END one",
        "CREATE PROCEDURE p() REPEAT SET a = 1; UNTIL a END REPEAT",
        "CREATE PROCEDURE p() BEGIN REPEAT IF a THEN SET b = REPEAT('x', 2); END IF; UNTIL b END REPEAT; END",
        "CREATE PROCEDURE p() BEGIN DO SLEEP(1); DO IF(1, 2, 3); SELECT 1; END",
        "CREATE PROCEDURE p() BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; END; SELECT 1; END",
        "CREATE PROCEDURE p() BEGIN DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = 1; SELECT 1; END",
        "CREATE PROCEDURE p() BEGIN FOR i IN 1..3 DO SELECT i; END FOR; END",
        "BEGIN NOT ATOMIC SELECT 1; IF a THEN SELECT 2; END IF; END",
        "IF a THEN SELECT 1; END IF",
        "WHILE a DO SELECT 1; END WHILE",
        "ALTER TABLE t ADD COLUMN event int",
        "CREATE TABLE procedure_t (a int)",
        "CREATE INDEX trigger_i ON t (a)",
        "START TRANSACTION",
    ],
    "sqlite": [
        "SELECT [a;b], `c;d`",
        "SELECT '\\'",
        "CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END",
        "CREATE TEMP TRIGGER a UPDATE OF begin ON t BEGIN UPDATE t SET a = CASE WHEN 1 THEN 2 END; SELECT 2; END",
        "create temporary trigger if not exists a delete on t begin delete from u where end = 1; end",
        "EXPLAIN CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END",
        "CREATE TABLE trigger_t (a)",
    ],
}
RULES: dict[str, LexicalRules] = {"postgresql": POSTGRESQL, "mysql": MYSQL, "sqlite": SQLITE}
CASES = [(name, [*STATEMENTS["common"], *STATEMENTS[name]]) for name in RULES]


@pytest.mark.parametrize(
    ("name", "statement"), [(name, statement) for name, statements in CASES for statement in statements]
)
def test_statement_with_a_trap_stays_whole(name: str, statement: str) -> None:
    assert split_statements(f"{statement};\nSELECT 'next'", RULES[name]) == [statement, "SELECT 'next'"]


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_joined_statements_come_back(data: st.DataObject) -> None:
    name, statements = data.draw(st.sampled_from(CASES))
    chosen = data.draw(st.lists(st.sampled_from(statements)))
    between = data.draw(st.sampled_from([";", ";\n", " ;\n\n", ";;", "; /* ; */ ;", ";\n-- ;\n;\n", "\n;\t"]))
    assert split_statements(between.join(chosen) + data.draw(st.sampled_from(["", ";", ";\n"])), RULES[name]) == chosen


SIGNS = [";", "'", '"', "`", "$", "$$", "$a$", "--", "#", "/*", "*/", "/*!", "(", ")", "[", "]", ":", ".", "\\", "E'"]
WORDS = ["BEGIN", "END", "CASE", "IF", "ATOMIC", "CREATE", "TRIGGER", "PROCEDURE", "FUNCTION", "DELIMITER"]
MORE_WORDS = ["THEN", "ELSE", "LOOP", "DO", "WHILE", "REPEAT", "ROW", "EACH", "a", "1", "é"]
PIECES = st.sampled_from([*SIGNS, *WORDS, *MORE_WORDS])


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(list(RULES.values())), st.lists(st.tuples(PIECES, st.sampled_from(["", " ", "\n"]))))
def test_any_text_is_taken_apart_without_loss(rules: LexicalRules, pieces: list[tuple[str, str]]) -> None:
    text = "".join(piece + space for piece, space in pieces)
    assert "".join(text[token.start : token.end] for token in tokens(text, rules)) == text
    position = 0
    for statement in split_statements(text, rules):
        assert statement == statement.strip() != ""
        position = text.index(statement, position) + len(statement)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(list(RULES.values())), st.text())
def test_any_characters_are_taken_apart_without_loss(rules: LexicalRules, text: str) -> None:
    assert "".join(text[token.start : token.end] for token in tokens(text, rules)) == text
    split_statements(text, rules)


@ALL
@pytest.mark.parametrize("nothing", ["", " ", ";", " ; ;\n", "-- only this", "/* ; */", "-- a\n;/* b */;\n", "-- ;"])
def test_text_without_a_statement_gives_none(rules: LexicalRules, nothing: str) -> None:
    assert split_statements(nothing, rules) == []


@ALL
@pytest.mark.parametrize("text", ["SELECT 'a;b", 'SELECT "a;b', "SELECT 1 /* a;b", "SELECT 1 -- a;b"])
def test_text_that_breaks_off_is_one_statement(rules: LexicalRules, text: str) -> None:
    assert split_statements(text, rules) == [text]


@pytest.mark.parametrize("text", ["SELECT $a$;", "SELECT $a$;$b$;", "SELECT E'\\", "SELECT /* /* ; */ ;"])
def test_postgresql_text_that_breaks_off_is_one_statement(text: str) -> None:
    assert split_statements(text, POSTGRESQL) == [text]


def test_comment_stays_with_the_statement_that_follows() -> None:
    sql = "-- one\nSELECT 1; -- two ; more\nSELECT 2; -- nothing follows"
    assert split_statements(sql, POSTGRESQL) == ["-- one\nSELECT 1", "-- two ; more\nSELECT 2"]


def test_hash_is_an_operator_on_postgresql_and_a_comment_on_mysql() -> None:
    assert split_statements("SELECT a # b; SELECT 2", POSTGRESQL) == ["SELECT a # b", "SELECT 2"]
    assert split_statements("SELECT a # b; SELECT 2", MYSQL) == ["SELECT a # b; SELECT 2"]


def test_comment_is_not_nested_outside_of_postgresql() -> None:
    sql = "SELECT 1 /* /* */; SELECT 2"
    assert len(split_statements(sql, POSTGRESQL)) == 1
    assert len(split_statements(sql, MYSQL)) == len(split_statements(sql, SQLITE)) == 2


def test_carriage_return_ends_a_comment_on_postgresql() -> None:
    assert split_statements("SELECT 1 -- a\r; SELECT 2", POSTGRESQL) == ["SELECT 1 -- a", "SELECT 2"]


def test_delimiter_lines_of_mysql_set_the_separator_and_vanish() -> None:
    sql = """
    SELECT 1;
    DELIMITER //
    CREATE PROCEDURE p() BEGIN SELECT '//'; SELECT 2; END//
    -- a comment //
    SELECT 3 //
    delimiter ;
    SELECT 4; SELECT 5
    """
    assert split_statements(sql, MYSQL) == [
        "SELECT 1",
        "CREATE PROCEDURE p() BEGIN SELECT '//'; SELECT 2; END",
        "-- a comment //\n    SELECT 3",
        "SELECT 4",
        "SELECT 5",
    ]


@pytest.mark.parametrize("delimiter", ["//", "$$", ";;", "|", "END_OF", "\\"])
def test_any_delimiter_of_mysql_works(delimiter: str) -> None:
    sql = f"DELIMITER {delimiter}\nSELECT 1; SELECT 2; {delimiter}\nSELECT 3 {delimiter}\nDELIMITER ;\nSELECT 4;"
    assert split_statements(sql, MYSQL) == ["SELECT 1; SELECT 2;", "SELECT 3", "SELECT 4"]


def test_dump_of_mysql_with_executable_comments_is_taken_apart() -> None:
    sql = """/*!50003 SET sql_mode = '' */ ;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN
  SET NEW.a = '*/;;';
END */;;
DELIMITER ;
/*!50003 SET sql_mode = @old */ ;"""
    first, trigger, last = split_statements(sql, MYSQL)
    assert first == "/*!50003 SET sql_mode = '' */"
    assert trigger.startswith("/*!50003 CREATE*/")
    assert trigger.endswith("END */")
    assert last == "/*!50003 SET sql_mode = @old */"


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("select 1", ("SELECT",)),
        ('/* why /* so */ */ create -- x\n index Concurrently "i" on t', ("CREATE", "INDEX", "CONCURRENTLY")),
        ("ALTER TYPE a.b ADD VALUE 'x'", ("ALTER", "TYPE", "A")),
        ("VACUUM", ("VACUUM",)),
        ("", ()),
        ("-- nothing", ()),
        ("(SELECT 1)", ()),
        ("'x'", ()),
        (";", ()),
    ],
)
def test_first_words_are_those_before_anything_else(sql: str, words: tuple[str, ...]) -> None:
    assert first_words(sql) == words


def test_first_words_of_an_executable_comment_are_found() -> None:
    assert first_words("# x\n/*!40101 SET NAMES utf8 */", MYSQL) == ("SET", "NAMES", "UTF8")


@ALL
@given(
    st.lists(
        st.sampled_from(BEGINNINGS),
        max_size=8,
    ),
    st.integers(1, 8),
)
def test_first_words_are_found_the_same_without_looking_at_each_piece(
    rules: LexicalRules, pieces: list[str], limit: int
) -> None:
    for sql in ("".join(pieces), " ".join(pieces)):
        # No text that begins with a comment goes the short way.
        assert first_words(sql, rules, limit=limit) == first_words(f"/**/{sql}", rules, limit=limit)


def test_first_words_can_be_limited() -> None:
    assert first_words("a b c d", limit=2) == ("A", "B")


@ALL
@pytest.mark.parametrize(
    "piece",
    [
        "SELECT 1;",
        "'",
        '"',
        "$a$",
        "/*",
        "-- ",
        "(",
        "\\",
        "e'a'\n",
        "\n",
        "E'\\",
        "CASE ",
        "CREATE PROCEDURE p() BEGIN IF a THEN ",
        "$x",
        "/*!",
        "*/",
        "delimiter a\n",
    ],
)
def test_time_grows_with_the_length_only(rules: LexicalRules, piece: str) -> None:
    def seconds(count: int) -> float:
        text = piece * count
        return min(_timed(text, rules) for _ in range(2))

    short, long = seconds(500), seconds(8_000)
    assert long < 16 * 6 * max(short, 0.0005)


def _timed(text: str, rules: LexicalRules) -> float:
    begin = time.perf_counter()
    split_statements(text, rules)
    return time.perf_counter() - begin
