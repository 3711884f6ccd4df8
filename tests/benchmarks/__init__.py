"""Benchmarks: asyncmig against Alembic, side by side in one run.

::

    python -m tests.benchmarks                 # everything, about fifteen minutes
    python -m tests.benchmarks heads current   # some cases
    python -m tests.benchmarks --quick         # few rounds, rough numbers
"""
