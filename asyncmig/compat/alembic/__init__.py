"""Alembic: its projects run as they are, and programs that call it need another import and nothing else.

```python
from asyncmig.compat.alembic import command
from asyncmig.compat.alembic.config import Config

command.upgrade(Config("alembic.ini"), "head")
```

The modules have Alembic's names, and the functions its signatures. They run asyncmig: Alembic need not be installed.
"""
