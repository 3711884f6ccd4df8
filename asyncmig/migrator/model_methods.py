"""ModelMethods: the methods of a migrator that compare models with the database, and write what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

import anyio

from asyncmig.events import Observer
from asyncmig.migrator.project import Project
from asyncmig.migrator.results import CreatedRevision

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

    from asyncmig.migrator.answers import Answers
    from asyncmig.migrator.differences import CheckResult, DiffResult

__all__ = ["ModelMethods"]


class ModelMethods:
    """The methods of a migrator that compare models with the database, and write what comes of it."""

    _project: Project
    _observer: Observer

    async def diff(self, *, answers: Answers | None = None, sql: bool = False) -> DiffResult:
        """What makes of the database what the models want; nothing is written.

        Args:
            answers: what is said where models do not say what is meant.
            sql: whether to say it in SQL, too.

        Raises:
            AutogenerateError: the models cannot be compared with the database.
            NotAtHeadsError: the database is not up to date.
        """
        # Imported here because nothing else needs it.
        from asyncmig.migrator.comparing import differences

        return await differences(self._project, answers, sql=sql)

    async def check(self, *, shadow: str | URL | None = None) -> CheckResult:
        """What the models and the database have differently; nothing is written to the database.

        Args:
            shadow: where the revisions are built anew, in a database that is made for it and dropped afterwards: the
                models are compared with that, and the database, where it can be reached, with that, too.

        Raises:
            AutogenerateError: the models cannot be compared.
            NotAtHeadsError: the database is not up to date.
            ShadowError: the shadow cannot be used.
        """
        # Imported here because nothing else needs it.
        from asyncmig.migrator.checking import check

        return await check(self._project, shadow, observer=self._observer)

    @overload
    async def revision(
        self, message: str | None = None, *, autogenerate: Literal[False] = False, **options: Any
    ) -> CreatedRevision: ...

    @overload
    async def revision(
        self, message: str | None = None, *, autogenerate: bool, answers: Answers | None = None, **options: Any
    ) -> CreatedRevision | None: ...

    async def revision(
        self,
        message: str | None = None,
        *,
        autogenerate: bool = False,
        answers: Answers | None = None,
        **options: Any,
    ) -> CreatedRevision | None:
        """Write a new revision.

        Args:
            message: what it is for; by default what it does, where that is found out.
            autogenerate: whether it does what makes of the database what the models want; else it is empty.
            answers: with that, what is said where models do not say what is meant.
            options: those of `History.new_revision`.

        Returns:
            what was written; None where the models and the database are the same.

        Raises:
            AutogenerateError: the models cannot be compared with the database.
            NotAtHeadsError: the database is not up to date.
        """
        if not autogenerate:
            return await anyio.to_thread.run_sync(lambda: self._project.history.new_revision(message, **options))
        # Imported here because nothing else needs it.
        from asyncmig.migrator.answers import Answers
        from asyncmig.migrator.autogenerating import write_revision

        return await write_revision(self._project, message, answers or Answers(), **options)
