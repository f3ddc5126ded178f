"""From text to objects: the names in a config are looked up in `__all__`, and nowhere else.

A config names each component by the call that would build it in Python, as text:

    config.loss = "NonSaturating(label_smoothing=0.1)"
    config.inputs = ("InstanceNoise(Linear(0.1, 0.0, images=500_000))",)

The text is parsed, never evaluated: it may hold names of the package's lists, literals, and calls of such names.
"""

import ast
import inspect
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from tfgan_tricks.checks import check_type, explain, suggestion
from tfgan_tricks.configuration.registry import INNER_KINDS, registry

MOST_CHARACTERS = 1_000  # of a text; a longer one could exhaust the parser's stack

INSIDE = f"inside another component: {', '.join(INNER_KINDS)}"  # as an error names those kinds


def build(expression: str, kind: str, field: str = "", **defaults) -> Any:
    """Returns the object that a text describes.

    Args:
        expression: a name or a call, such as "Hinge" or "R1(gamma=1.0, every=16)".
        kind: where the outermost name is looked up; names inside are looked up in `INNER_KINDS`.
        field: name of the config field, for error messages.
        **defaults: arguments of the outermost call that apply unless the text gives them.

    Raises:
        ValueError: if the text is not a call, or has an unknown name or argument.

    Example:

    >>> tfgan_tricks.configuration.build("R1(gamma=1.0)", "penalties")
    R1(gamma=1.0, every=1, name='r1')
    """
    where = f" in `{field}`" if field else ""
    check_type(field or "expression", expression, str, "write the call as a text, such as 'R1(gamma=1.0)'.")
    if len(expression) > MOST_CHARACTERS:
        raise _not_a_call(expression[:50] + "...", where, f"it is longer than {MOST_CHARACTERS} characters")
    try:
        with warnings.catch_warnings():  # of an odd text, such as a backslash too many; it is refused below
            warnings.simplefilter("ignore", SyntaxWarning)
            node = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise _not_a_call(expression, where, str(error)) from None
    if not isinstance(node, ast.Call | ast.Name):
        raise _not_a_call(expression, where, "it is neither a name nor a call")
    try:
        return _evaluate(node, registry(kind), kind, expression, where, defaults)
    except RecursionError:
        raise _not_a_call(expression, where, "it is nested too deeply") from None


def build_all(expressions: tuple[str, ...], kind: str, field: str = "") -> list[Any]:
    """Returns the objects that several texts describe; empty texts are left out.

    Args:
        expressions: texts as `build` takes them.
        kind: where the outermost names are looked up.
        field: name of the config field, for error messages.

    Example:

    >>> tfgan_tricks.configuration.build_all(("R1(gamma=1.0)", "", "LeCam()"), "terms")[0].gamma
    1.0
    """
    if isinstance(expressions, str) or not isinstance(expressions, Sequence):
        raise _not_texts(expressions, field)
    return [
        build(text, kind, f"{field}[{i}]")
        for i, text in enumerate(expressions)
        if not (isinstance(text, str) and not text.strip())
    ]


def _evaluate(node: ast.expr, names: Mapping[str, Any], kind: str, text: str, where: str, defaults: dict) -> Any:
    def value(inner: ast.expr) -> Any:
        return _evaluate(inner, _inner_names(), INSIDE, text, where, {})

    if isinstance(node, ast.Tuple | ast.List):
        items = [value(item) for item in node.elts]
        return tuple(items) if isinstance(node, ast.Tuple) else items
    if isinstance(node, ast.Call | ast.Name):
        call = node if isinstance(node, ast.Call) else ast.Call(func=node, args=[], keywords=[])
        if not isinstance(call.func, ast.Name) or any(keyword.arg is None for keyword in call.keywords):
            raise _not_a_call(text, where, "only plain names can be called, without * and **")
        target = _look_up(call.func.id, names, kind, where)
        positional = [value(argument) for argument in call.args]
        named = {str(keyword.arg): value(keyword.value) for keyword in call.keywords}
        return _call(target, call.func.id, positional, named, defaults, where)
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, MemoryError):
        raise _not_a_call(
            text, where, f"{ast.unparse(node)!r} is not a number, a text, a tuple or a known name"
        ) from None


def _look_up(name: str, names: Mapping[str, Any], kind: str, where: str) -> Any:
    if name not in names:
        raise ValueError(
            explain(
                f"Unknown name {name!r}{where}.",
                received=repr(name),
                expected=f"one of {', '.join(names)} ({kind})",
                fix=suggestion(name, names, "`tfgan-tricks list` shows every name with one line about it."),
            )
        )
    return names[name]


def _call(target, name: str, positional: list, named: dict, defaults: dict, where: str) -> Any:
    accepted = _arguments(target)
    for argument in named:
        if argument not in accepted:
            raise ValueError(
                explain(
                    f"{name} takes no argument {argument!r}{where}.",
                    received=f"{argument}={named[argument]!r}",
                    expected=f"one of {', '.join(accepted)}" if accepted else f"{name}() without arguments",
                    fix=suggestion(argument, accepted, "leave it out."),
                )
            )
    applicable = {argument: value for argument, value in defaults.items() if argument in accepted[len(positional) :]}
    try:
        inspect.signature(target).bind(*positional, **{**applicable, **named})
    except TypeError as error:
        raise ValueError(
            explain(
                f"The arguments of {name}{where} do not fit: {error}.",
                received=f"{positional} and {named}",
                expected=f"{name}{inspect.signature(target)}",
                fix="give the arguments by name.",
            )
        ) from None
    try:
        return target(*positional, **{**applicable, **named})
    except (ValueError, TypeError, OSError, ImportError):
        raise
    except Exception as error:  # of numbers that no one tries: too large for an array, a text where Keras counts
        raise ValueError(
            explain(
                f"{name}{where} cannot be made from these arguments.",
                received=f"{positional} and {named} ({type(error).__name__}: {str(error)[:200]})",
                expected=f"{name}{inspect.signature(target)}",
                fix="help(...) of it tells what each argument may be.",
            )
        ) from error


def _arguments(target) -> list[str]:
    """Names of a callable's arguments; where it passes `**kwargs` on, also those of its base classes."""
    own = inspect.signature(target).parameters.values()
    names = [p.name for p in own if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    if inspect.isclass(target) and any(p.kind is p.VAR_KEYWORD for p in own):
        for base in target.__mro__[1:]:
            if "__init__" in vars(base) and base is not object:
                inherited = list(inspect.signature(vars(base)["__init__"]).parameters.values())[1:]
                names += [p.name for p in inherited if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    return list(dict.fromkeys(names))


def _inner_names() -> dict[str, Any]:
    return {name: value for kind in INNER_KINDS for name, value in registry(kind).items()}


def _not_texts(value: object, field: str) -> TypeError:
    return TypeError(
        explain(
            f"`{field}` must be a tuple of texts.",
            received=f"{field}={value!r} of type {type(value).__name__}",
            expected="one text for each component",
            fix="write e.g. ('R1(gamma=1.0)',).",
        )
    )


def _not_a_call(text: str, where: str, reason: str) -> ValueError:
    return ValueError(
        explain(
            f"The text{where} does not describe a component: {reason}.",
            received=repr(text),
            expected="a call such as 'R1(gamma=1.0, every=16)' with names, numbers, texts and tuples only",
            fix="write it as you would in Python; in a shell, put it in quotes. Several components are a tuple of"
            " texts: \"('R1()', 'LeCam()')\".",
        )
    )
