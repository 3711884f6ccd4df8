from __future__ import annotations

from pathlib import Path

import pytest

from asyncmig.errors import ScriptError
from asyncmig.rendering.form import form_of

TEMPLATE = Path("script.py.mako")


@pytest.mark.parametrize(
    ("text", "asynchronous", "prefix"),
    [
        ("async def upgrade(op: Operations) -> None:\n    pass\n", True, "op"),
        ("async def upgrade(migration) -> None:\n    pass\n", True, "migration"),
        ("from asyncmig import op\ndef upgrade():\n    pass\n", False, "op"),
        ("from alembic import op\ndef upgrade() -> None:\n    pass\n", False, "op"),
    ],
)
def test_functions_of_the_template_say_how_words_are_written(text: str, asynchronous: bool, prefix: str) -> None:
    form = form_of(text, TEMPLATE)
    assert (form.asynchronous, form.prefix) == (asynchronous, prefix)


def test_imports_of_the_template_are_known() -> None:
    text = "import sqlalchemy as sa\nfrom alembic import op\nimport app.types\n\n\ndef upgrade():\n    import os\n"
    assert form_of(text, TEMPLATE).imports == {"import sqlalchemy as sa", "from alembic import op", "import app.types"}


@pytest.mark.parametrize(
    ("text", "words"), [("def down():\n    pass\n", "no function 'upgrade'"), ("def", "not parse")]
)
def test_template_without_upgrade_is_named(text: str, words: str) -> None:
    with pytest.raises(ScriptError, match=words) as caught:
        form_of(text, TEMPLATE)
    assert caught.value.path == TEMPLATE
