"""Rewrite every expected.txt from what trainctl prints now (`make golden`). Read the difference before you commit it."""

import argparse
import sys
import tempfile
from pathlib import Path

from golden import cases, needs_tf, outcome


def main() -> None:
    """Regenerate, and name what changed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="cases to rewrite (default: all)")
    parser.add_argument("--no-tf", action="store_true", help="leave out what imports TensorFlow")
    options = parser.parse_args()
    for case in cases():
        if (options.names and case.name not in options.names) or (options.no_tf and needs_tf(case)):
            continue
        with tempfile.TemporaryDirectory() as scratch:
            text = outcome(case, Path(scratch).resolve())
        file = case / "expected.txt"
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{case.name}: rewritten\n")


if __name__ == "__main__":
    main()
