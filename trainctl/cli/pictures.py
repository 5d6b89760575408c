"""The file behind `--plot`: its ending says what is written, and it is checked before the work that it shows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from typer.core import TyperCommand

from trainctl.errors import RunDirError, UsageError
from trainctl.files import require_replaceable
from trainctl.text import one_of

ENDINGS = (".png", ".svg", ".pdf")


def picture_optional(usual: str) -> type[TyperCommand]:
    """Return the class of a command whose `--plot` may be without a file, which is then `usual`."""

    class PictureOptional(TyperCommand):
        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            """Put the usual file behind a `--plot` that no picture follows."""
            places = [place for place, word in enumerate(args) if word == "--plot"]
            for place in reversed(places):
                if not "".join(args[place + 1 : place + 2]).lower().endswith(ENDINGS):
                    args.insert(place + 1, usual)
            return super().parse_args(ctx, args)

    return PictureOptional


def require_picture(path: Path | None) -> None:
    """Refuse a file that is not a picture, or that cannot be written; without one nothing is drawn.

    Raises:
        UsageError: Its ending is another.
        RunDirError: It cannot be written.
    """
    if path is None:
        return
    if path.suffix.lower() not in ENDINGS:
        raise UsageError(f"--plot writes a file ending in {one_of(ENDINGS)}, received '{path}'")
    with drawn(path):
        require_replaceable(path)


@contextmanager
def drawn(path: Path) -> Iterator[None]:
    """Draw inside; a file that cannot be written is an error of the output.

    Raises:
        RunDirError: It cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise RunDirError(
            f"{path} cannot be written: {error.strerror or error}", hint="name another file: --plot FILE"
        ) from error
