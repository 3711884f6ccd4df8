"""Errors: every exception that asyncmig raises on purpose.

```
AsyncmigError                          .message .hint .exit_code
├── CommandError                       what programs that call Alembic catch, and scripts raise
├── ConfigError                        settings, environment, templates
│   └── MissingDriverError             .driver .extra
├── DatabaseUnavailableError           .url            (a password is never in it)
├── DatabaseRefusedError               .url .reason    its own tables cannot be read or written
├── AutogenerateError                  models cannot be compared with a database
│   ├── DuplicateTableError            .table
│   ├── FilterError                    .filter_name .asked
│   ├── AmbiguousRenameError           .candidates
│   ├── MissingMetadataError           .path
│   ├── NoTablesError                  .tables
│   └── ShadowError
├── ModelsDifferError                  .differences    models, revisions and a database are not of one mind
├── ScriptError                        .path .line
│   └── UnawaitedOperationError        .verb
├── RevisionError
│   ├── UnknownRevisionError           .wanted .similar                  (a LookupError)
│   ├── AmbiguousRevisionError         .wanted .candidates
│   ├── MultipleHeadsError             .heads
│   ├── DuplicateRevisionError         .revision .paths
│   ├── MissingParentError             .revision .parent                 (a LookupError)
│   ├── CircularRevisionsError         .path
│   ├── InvalidTargetError             .target
│   └── HistoryMismatchError           .unknown                          the history and the database disagree
├── OperationError                     .operation
│   ├── MissingObjectError             no such constraint or index                 (a ValueError)
│   ├── UnsupportedOperationError      .dialect
│   ├── IrreversibleOperationError
│   └── NeedsDatabaseError             offline or recording, but the script asks the database
├── JournalError                       .revision       something is wrong with the journal of a revision
│   ├── JournalMismatchError           .ordinal .was .now .path .line
│   ├── UncertainStepError             .ordinal .description
│   └── UnfinishedRevisionError        .direction      a revision is half done, and something else was asked for
├── MigrationLockError                 .waited .holder
│   └── LockLostError                  .reason .revision .applied .left   the lock was lost in the middle of a run
├── PendingRevisionsError              .pending .unknown .unfinished .waited
│   └── NotAtHeadsError                models cannot be compared with a database that is not up to date
└── RevisionFailedError                .revision .direction .step .applied .left   (raised from the driver's error)
    ├── LockTimeoutError               .attempts .blockers
    └── LeaderFailedError              .host .who .error     another run failed while this one waited for it
```

A class takes facts as keyword arguments, keeps them as attributes, and builds its sentence in one place. `str(error)`
is the sentence and, on the lines below it, the hint.
"""

from __future__ import annotations

from asyncmig.errors.comparing import (
    AmbiguousRenameError,
    AutogenerateError,
    DuplicateTableError,
    FilterError,
)
from asyncmig.errors.differing import (
    MissingMetadataError,
    ModelsDifferError,
    NoTablesError,
    NotAtHeadsError,
    ShadowError,
)
from asyncmig.errors.history import (
    AmbiguousRevisionError,
    CircularRevisionsError,
    DuplicateRevisionError,
    HistoryMismatchError,
    InvalidTargetError,
    MissingParentError,
    MultipleHeadsError,
    RevisionError,
    UnknownRevisionError,
)
from asyncmig.errors.project import (
    AsyncmigError,
    CommandError,
    ConfigError,
    DatabaseRefusedError,
    DatabaseUnavailableError,
    MissingDriverError,
    ScriptError,
    UnawaitedOperationError,
    in_short,
)
from asyncmig.errors.run import (
    IrreversibleOperationError,
    JournalError,
    JournalMismatchError,
    LeaderFailedError,
    LockLostError,
    LockTimeoutError,
    MigrationLockError,
    MissingObjectError,
    NeedsDatabaseError,
    OperationError,
    PendingRevisionsError,
    RevisionFailedError,
    UncertainStepError,
    UnfinishedRevisionError,
    UnsupportedOperationError,
)

__all__ = [
    "AmbiguousRenameError",
    "AmbiguousRevisionError",
    "AsyncmigError",
    "AutogenerateError",
    "CircularRevisionsError",
    "CommandError",
    "ConfigError",
    "DatabaseRefusedError",
    "DatabaseUnavailableError",
    "DuplicateRevisionError",
    "DuplicateTableError",
    "FilterError",
    "HistoryMismatchError",
    "InvalidTargetError",
    "IrreversibleOperationError",
    "JournalError",
    "JournalMismatchError",
    "LeaderFailedError",
    "LockLostError",
    "LockTimeoutError",
    "MigrationLockError",
    "MissingDriverError",
    "MissingMetadataError",
    "MissingObjectError",
    "MissingParentError",
    "ModelsDifferError",
    "MultipleHeadsError",
    "NeedsDatabaseError",
    "NoTablesError",
    "NotAtHeadsError",
    "OperationError",
    "PendingRevisionsError",
    "RevisionError",
    "RevisionFailedError",
    "ScriptError",
    "ShadowError",
    "UnawaitedOperationError",
    "UncertainStepError",
    "UnfinishedRevisionError",
    "UnknownRevisionError",
    "UnsupportedOperationError",
    "in_short",
]
