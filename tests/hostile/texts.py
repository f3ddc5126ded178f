"""Strategies for the texts that a config or a command line may hold: from calls that are nearly right to noise."""

import ast

from hypothesis import strategies as st

from tfgan_tricks.configuration.registry import registry

KINDS = ("penalties", "losses.adversarial", "terms", "inputs", "latents", "schedules", "optimizers", "training")
NAMES = sorted({name for kind in KINDS for name in registry(kind)})
# What a text must never reach: it would show in the result, or as a file.
CODE = (
    "__import__('os').system('touch {file}')",
    "open('{file}', 'w')",
    'eval(\'open("{file}", "w")\')',
    "(lambda: open('{file}', 'w'))()",
    "R1.__class__.__mro__[1].__subclasses__()",
    "R1(gamma=open('{file}', 'w'))",
    "R1(gamma=[open('{file}', 'w') for _ in (1,)])",
    "R1(gamma=f\"{{open('{file}', 'w')}}\")",
    "R1(gamma=(x := open('{file}', 'w')))",
    "R1(**{{'gamma': open('{file}', 'w')}})",
    "R1(*[open('{file}', 'w')])",
    "Linear.__init__.__globals__",
    "R1(gamma=Linear(0, 1, images=1).__class__)",
    "await open('{file}', 'w')",
)
PIECES = (*"()[]{}.,=*:@\\'\"-~ \n\t\0", "**", "lambda: ", "__class__", "gamma=", "every=", "R1", "\u202e", "ｘ", "é")
ATOMS = (
    *(
        "0",
        "-1",
        "1.0",
        "1e999",
        "-1e999",
        "1e-400",
        "9" * 400,
        "0x" + "f" * 60,
        "1j",
        "True",
        "None",
        "...",
        "''",
        "b'x'",
    ),
    *(
        "'\\x00'",
        "'" + "é" * 50 + "'",
        "()",
        "[]",
        "{}",
        "{1: 2}",
        "{1, 2}",
        "{(): []}",
        "R1",
        "Linear",
        "gamma",
        "-True",
    ),
)


def calls() -> st.SearchStrategy[str]:
    """Returns calls of public names with nested, wrong, missing, doubled and enormous arguments."""
    names = st.sampled_from(NAMES) | st.sampled_from(("", "x", "__init__", "print", "R1.__init__"))
    keywords = st.sampled_from(
        ("gamma", "every", "weight", "name", "images", "seed", "__class__", "shape", "learning_rate")
    )

    def around(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        named = st.tuples(keywords, inner).map("=".join)
        arguments = st.lists(inner | named, max_size=4).map(", ".join)
        return st.one_of(
            st.tuples(names, arguments).map(lambda parts: f"{parts[0]}({parts[1]})"),
            st.lists(inner, max_size=3).map(lambda items: f"({', '.join(items)},)" if items else "()"),
            inner.map(lambda text: f"-{text}"),
        )

    return st.recursive(st.sampled_from(ATOMS) | st.integers().map(str) | st.floats().map(repr), around, max_leaves=8)


def nested() -> st.SearchStrategy[str]:
    """Returns texts that are nested very deeply."""
    pairs = st.sampled_from(
        (("(", ")"), ("[", "]"), ("R1(", ")"), ("-", ""), ("not ", ""), ("R1(gamma=", ")"), ("{", "}"))
    )
    return st.tuples(pairs, st.integers(1, 400)).map(lambda p: f"R1({p[0][0] * p[1]}1{p[0][1] * p[1]})")


def texts() -> st.SearchStrategy[str]:
    """Returns all of these, and noise."""
    noise = st.text(max_size=60) | st.lists(st.sampled_from(PIECES + ATOMS), max_size=12).map("".join)
    return st.one_of(calls(), noise, nested(), st.text(min_size=900, max_size=1_100))


def is_call(text: str) -> bool:
    """Returns whether a text is a name or a call in Python."""
    try:
        return isinstance(ast.parse(text.strip(), mode="eval").body, ast.Call | ast.Name)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
