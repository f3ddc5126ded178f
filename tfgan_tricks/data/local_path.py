"""Paths that a user or a data set names: expanded, and shown in messages."""

from pathlib import Path

from tfgan_tricks.checks import explain


def expanded(name: str, path: str) -> Path:
    """Returns a path with a leading "~" replaced by the home folder.

    Args:
        name: URI that it stands in, for the message.
        path: as the user wrote it.

    Raises:
        ValueError: if it cannot be the path of anything.
    """
    try:
        found = Path(path).expanduser()
        found.exists()
    except (OSError, ValueError, RuntimeError) as error:  # too long, a zero byte, "~nobody"
        raise ValueError(
            explain(
                "This cannot be the path of a file or folder.",
                received=f"{shown(name[:200])} ({getattr(error, 'strerror', None) or error})",
                expected="a path on this machine",
                fix="check the path.",
            )
        ) from error
    return found


def shown(text: str) -> str:
    r"""Returns a text, such as a file's name, that cannot break a line or steer a terminal: "\n" becomes "\\n".

    Letters of all scripts stay; control characters and bytes that are no UTF-8 are written as escapes.
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
