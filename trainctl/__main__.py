"""The program: `trainctl`, and `python -m trainctl`, which is the same."""

import sys


def main() -> None:
    """Run the program; ends the process with its exit code."""
    try:
        from trainctl.cli.app import app  # Ctrl-C may come while Python still reads it

        app()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
