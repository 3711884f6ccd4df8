"""Command line of the benchmarks; see the package's docstring."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks import cases_check, cases_database, cases_directory, cases_generated
from tests.benchmarks.measuring import BenchmarkError
from tests.benchmarks.report import Row, table, write_json
from tests.benchmarks.setting import Setting

CASES: dict[str, Callable[[Setting], Iterator[Row]]] = {
    "start": cases_directory.cold_start,
    "current": cases_database.current,
    "warm": cases_database.warm,
    "graph": cases_directory.graph,
    "memory": cases_directory.memory,
    "scale": cases_directory.scale,
    "growth": cases_directory.current,
    "upgrade": cases_database.upgrade,
    "generated": cases_generated.generated,
    "check": cases_check.check,
}


def main() -> int:
    """Measure what was asked for, print the table; 1 where a goal is missed or a case failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"what to measure: {', '.join(CASES)}")
    parser.add_argument("--quick", action="store_true", help="measure little, for rough numbers")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows into a file, too")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(CASES):
        parser.error(f"there is no case {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")
    rows: list[Row] = []
    failures: list[str] = []
    with Setting(quick=arguments.quick) as setting:
        for name in arguments.names or CASES:
            try:
                for row in CASES[name](setting):
                    rows.append(row)
                    print(f"{name}: {row.what}: {row.goal.show(row.ratio)}", file=sys.stderr, flush=True)
            except BenchmarkError as failure:
                failures.append(f"{name}: {failure}")
    print(table(rows))
    print("".join(f"\n{note}" for note in [*setting.notes, *failures]))
    if arguments.json:
        write_json(arguments.json, rows)
    return 0 if rows and not failures and all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
