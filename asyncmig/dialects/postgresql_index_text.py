"""Index text: an index of PostgreSQL that was read, as it stands in CREATE INDEX."""

from __future__ import annotations

from collections.abc import Callable

from asyncmig.schema import IndexElement, IndexState


def element_text(element: IndexElement, quote: Callable[[str], str]) -> str:
    """One element of an index.

    Args:
        element: the element.
        quote: writes a name.
    """
    words = f"({element.text})" if element.is_expression else quote(element.text)
    if element.collation is not None:
        words += f" COLLATE {collation_text(element.collation)}"
    if element.operator_class is not None:
        words += f" {element.operator_class}"
    if element.descending:
        words += " DESC"
    if element.nulls_first is not None:
        words += " NULLS FIRST" if element.nulls_first else " NULLS LAST"
    return words


def index_text(index: IndexState, quote: Callable[[str], str]) -> str:
    """What stands behind the name of the table."""
    options = dict(index.options)
    text = f"USING {options.get('postgresql_using', 'btree')}"
    text += f" ({', '.join(element_text(element, quote) for element in index.elements)})"
    if included := options.get("postgresql_include"):
        text += f" INCLUDE ({', '.join(map(quote, included))})"
    if options.get("postgresql_nulls_not_distinct"):
        text += " NULLS NOT DISTINCT"
    if settings := options.get("postgresql_with"):
        text += f" WITH ({', '.join(f'{name} = {value}' for name, value in settings)})"
    if tablespace := options.get("postgresql_tablespace"):
        text += f" TABLESPACE {quote(tablespace)}"
    if condition := options.get("postgresql_where"):
        text += f" WHERE {condition}"
    return text


def collation_text(name: str) -> str:
    """The name of a collation, and perhaps of its schema, as it stands in SQL."""
    return ".".join(f'"{part}"' for part in name.split("."))
