"""`python -m bench [--only NAME] [--database sqlite|postgresql|both] [--scale N]`."""

from __future__ import annotations

import argparse
import importlib
import os
from pathlib import Path

from bench.ground import Figure, servers, table

BENCHES = ("issue", "lists", "prints", "reader", "sheet", "sheets")
DATABASES = ("sqlite", "postgresql")


def main() -> int:
    """Run the measurements one after another and print one table; 1 when a check failed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", choices=BENCHES, action="append", help="may be given more than once")
    parser.add_argument("--database", choices=(*DATABASES, "both"), default="both")
    parser.add_argument("--scale", type=float, default=1.0, help="part of the full size, for a quick look")
    parser.add_argument("--out", type=Path, help="also append each figure to this file as it comes")
    options = parser.parse_args()
    kinds = DATABASES if options.database == "both" else (options.database,)
    figures: list[Figure] = []
    failures: list[str] = []
    with servers():
        for name in options.only or BENCHES:
            for kind in kinds:
                print(f"… {name} on {kind}, load {os.getloadavg()[0]:.1f}", flush=True)
                for found in importlib.import_module(f"bench.{name}").run(kind, options.scale):
                    if isinstance(found, str):
                        failures.append(f"{kind}: {found}")
                        print(f"FAILED {kind}: {found}", flush=True)
                        continue
                    figures.append(found)
                    line = table([found]).splitlines()[-1]
                    print(line, flush=True)
                    if options.out:
                        with options.out.open("a") as file:
                            file.write(line + "\n")
    print("\n" + table(figures))
    print("\n".join(["", *failures]) if failures else "\nall checks passed")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
