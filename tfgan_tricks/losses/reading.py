"""What terms read of a match, and the errors when it is not there."""

import keras
from keras import ops

from tfgan_tricks.checks import explain, same_shape
from tfgan_tricks.inputs.input_transform import InputTransform, group_of
from tfgan_tricks.losses.term import Term
from tfgan_tricks.types import Match

# What a task may put into `Match.aux`: what it is, and which tasks have it.
AUX = {
    "target": ("the image that each generated one should be, [n, h, w, c]", "a task of pairs, as tasks.Inpainting"),
    "mask": ("1 where an image is meant and 0 elsewhere, [n, h, w, 1]", "a task with masks, such as tasks.Inpainting"),
    "coarse": ("what a first network made of each image, [n, h, w, c]", "tasks.Inpainting"),
    "latents": ("what the generator was given, [n, ...]", "tasks.Unconditional and those derived from it"),
    "real_label": ("the class of each real image, [n]", "tasks.Unconditional on batches with 'label'"),
    "fake_label": ("the class that each image was generated for, [n]", "a task or a prior that generates by class"),
    "cycle": (
        "pairs (an image, the same image there and back again)",
        "a task of two translations, such as CycleGAN",
    ),
    "identity": (
        "pairs (an image, what its own domain's generator makes of it)",
        "a task of two translations, such as CycleGAN",
    ),
}


def aux_of(term: Term, match: Match, key: str):
    """Returns what the task has put into the match under a name.

    Raises:
        ValueError: if there is nothing of that name.
    """
    if key not in match.aux:
        what, tasks = AUX.get(key, ("a tensor", "a task of your own"))
        raise ValueError(
            explain(
                f"{type(term).__name__} finds no {key!r} in the match before '{match.critic}'.",
                received=f"aux with {sorted(match.aux)}",
                expected=f"aux[{key!r}], {what}",
                fix=f"train on {tasks}; or return Match(..., aux={{{key!r}: ...}}) in `matches` of a task of your own.",
            )
        )
    return match.aux[key]


def output_of(term: Term, match: Match, side: str, key: str):
    """Returns one of the critic's outputs on the images of one side, "real" or "fake".

    Raises:
        ValueError: if the critic returns nothing of that name.
    """
    outputs = match.real_out if side == "real" else match.fake_out
    if key not in outputs:
        raise ValueError(
            explain(
                f"{type(term).__name__} finds no {key!r} among what '{match.critic}' says of {side} images.",
                received=f"outputs {sorted(outputs)}",
                expected=f"a dict with 'logits' and {key!r}",
                fix=f"let the critic return it: keras.Model(images, {{'logits': logits, {key!r}: ...}}).",
            )
        )
    return outputs[key]


def per_example(value):
    """Returns the mean over all but the first axis, [n], float32."""
    axes = tuple(range(1, len(value.shape)))
    value = ops.cast(value, "float32")
    return ops.mean(value, axis=axes) if axes else value


def check_alike(term: Term, one, other, what: str) -> None:
    """Raises `ValueError` unless two tensors have the same shape, as far as it is known."""
    if not same_shape(one.shape, other.shape):
        raise ValueError(
            explain(
                f"{type(term).__name__} compares {what}, which differ in shape.",
                received=f"{tuple(one.shape)} and {tuple(other.shape)}",
                expected="the same shape",
                fix="let the task hand out both at the same resolution, with the same channels.",
            )
        )


def difference(loss: str, one, other):
    """Returns |a - b| for "l1" or (a - b)² for "l2", element by element, in float32."""
    gap = ops.cast(one, "float32") - ops.cast(other, "float32")
    return ops.abs(gap) if loss == "l1" else ops.square(gap)


def check_shown_one_by_one(term: Term, inputs, what: str) -> None:
    """Raises `ValueError` if the critic is shown packs, or past images in place of those that `what` belongs to."""
    recalling = [t for t in inputs if isinstance(t, InputTransform) and type(t).recall is not InputTransform.recall]
    strangers = recalling or [transform for transform in inputs if getattr(transform, "group", 1) > 1]
    if recalling or group_of(inputs) > 1:
        name = type(strangers[0]).__name__
        raise ValueError(
            explain(
                f"{type(term).__name__} cannot work with {name}.",
                received=f"inputs=[{', '.join(type(transform).__name__ for transform in inputs)}]",
                expected=f"a critic that sees, one by one, the images that {what} belongs to",
                fix=f"leave out {name} or {type(term).__name__}: "
                + ("past images belong to other ones." if recalling else "the images of a pack have one each."),
            )
        )


def leaves_of(value) -> list:
    """Returns the tensors of a nested structure, in order."""
    return keras.tree.flatten(value)
