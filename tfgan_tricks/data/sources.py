"""From a URI to a source of images."""

import os

from tfgan_tricks.checks import check_choice, explain, suggestion
from tfgan_tricks.data.digits import open_digits
from tfgan_tricks.data.fashion_mnist import open_fashion_mnist
from tfgan_tricks.data.folder import open_folder
from tfgan_tricks.data.idx import open_idx
from tfgan_tricks.data.npz import open_npz
from tfgan_tricks.data.source import Source, check_on_error
from tfgan_tricks.data.tfds import open_tfds

FORMS = {
    "digits": "digits",
    "fashion_mnist": "fashion_mnist",
    "idx": "idx:DIR",
    "folder": "folder:DIR",
    "tfds": "tfds:NAME[:SPLIT]",
    "npz": "npz:FILE",
}


def open_source(uri: str, *, split: str = "train", on_error: str = "raise", download: bool = False) -> Source:
    """Opens a source of images by its URI, without decoding them.

    | URI | what | splits |
    |---|---|---|
    | `digits` | 1,797 grey 8x8 digits that come with scikit-learn | train |
    | `fashion_mnist` | 70,000 grey 28x28 garments: Debian's files, or else tensorflow-datasets | train, test |
    | `idx:DIR` | IDX files, as MNIST has them | train, test |
    | `folder:DIR` | PNG, JPEG, BMP, GIF (first frame), WebP (not animated); class subfolders give labels | train |
    | `tfds:NAME[:SPLIT]` | any image data set of tensorflow-datasets | its own |
    | `npz:FILE` | a NumPy archive with "images" and perhaps "labels" | train |

    Args:
        uri: see the table.
        split: which part; a source with a single part calls it "train".
        on_error: "raise" for the first file that cannot be used, or "skip" to leave such files out and report them.
        download: let tensorflow-datasets fetch data that are not on this machine.

    Returns:
        A `Source`.

    Example:

    >>> source = tfgan_tricks.data.open_source("digits")
    >>> source.count, source.shape, source.classes
    (1797, (8, 8, 1), 10)
    """
    check_on_error(on_error)
    scheme, rest = _parts(uri)
    if scheme == "fashion_mnist":
        return open_fashion_mnist(split, download)
    if scheme == "idx":
        return open_idx(rest, split)
    if scheme == "tfds":
        name, _, own_split = rest.partition(":")
        return open_tfds(name, own_split or split, download=download)
    check_choice("split", split, ("train",))
    if scheme == "folder":
        return open_folder(rest, on_error)
    if scheme == "npz":
        return open_npz(rest)
    return open_digits()


def _parts(uri: str) -> tuple[str, str]:
    scheme, colon, rest = uri.partition(":") if isinstance(uri, str) else ("", "", "")
    expected = "one of " + ", ".join(FORMS.values())
    if scheme not in FORMS:
        path = os.path.expanduser(uri) if isinstance(uri, str) else ""
        guess = "folder" if os.path.isdir(path) else "npz" if path.endswith(".npz") else ""
        fix = f"did you mean '{guess}:{uri}'?" if guess else suggestion(scheme, FORMS, "choose one of them.")
        raise ValueError(explain("Unknown source of images.", received=repr(uri), expected=expected, fix=fix))
    if (":" in FORMS[scheme]) != bool(rest) or bool(colon) != bool(rest):
        form = FORMS[scheme]
        raise ValueError(
            explain(f"Incomplete or overlong URI '{uri}'.", received=repr(uri), expected=form, fix=f"write {form}.")
        )
    return scheme, rest
