"""Types as applications have them, in a module that a revision can import."""

import sqlalchemy as sa


class Money(sa.types.TypeDecorator[int]):
    """Cents."""

    impl = sa.BigInteger
    cache_ok = True

    def __init__(self, digits: int = 2) -> None:
        super().__init__()
        self.digits = digits
