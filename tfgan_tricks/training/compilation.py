"""What happens once, before the first step: checks of the parts, optimizers, and what is saved of a GAN."""

from collections.abc import Mapping, Sequence

import keras
import tensorflow as tf

from tfgan_tricks.checks import check_integer, check_type, explain, same_shape
from tfgan_tricks.inputs.input_transform import InputTransform
from tfgan_tricks.losses.adversarial.adversarial_loss import AdversarialLoss
from tfgan_tricks.losses.term import Term
from tfgan_tricks.tasks.task import Task
from tfgan_tricks.types import Batch


def check_task(task: object) -> None:
    """Raises unless `task` is a task whose networks are built."""
    check_type(
        "task", task, Task, "wrap the networks, e.g. tfgan_tricks.tasks.Unconditional(generator, discriminator, prior)."
    )
    for name in (*task.generators, *task.critics):  # type: ignore[attr-defined]
        if not getattr(task, name).built:
            raise ValueError(
                explain(
                    f"The network '{name}' has no weights yet.",
                    received=f"an unbuilt {type(getattr(task, name)).__name__}",
                    expected="a functional model, or any built one",
                    fix="give it an Input of known shape, or call it once on a batch.",
                )
            )


def check_arguments(loss, terms, inputs, critic_steps, weight_constraint) -> None:
    """Raises if an argument of `GAN.compile` is not of its kind."""
    check_type("loss", loss, AdversarialLoss, "pass an object such as tfgan_tricks.losses.adversarial.Hinge().")
    for argument, parts in (("terms", terms), ("inputs", inputs)):
        check_type(argument, parts, (list, tuple), f"pass a list, also for one: {argument}=[...].")
    for term in terms:
        check_type("terms", term, Term, "pass objects such as tfgan_tricks.penalties.R1(gamma=1.0).")
    for transform in inputs:
        check_type("inputs", transform, keras.Layer, "pass layers such as tfgan_tricks.inputs.InstanceNoise(0.1).")
    check_integer("critic_steps", critic_steps, at_least=1)
    if weight_constraint is not None:
        fix = "pass an object such as tfgan_tricks.constraints.ClipWeights(0.01); a function could not be saved."
        check_type("weight_constraint", weight_constraint, keras.constraints.Constraint, fix)


def build_inputs(task: Task, inputs: Sequence[keras.Layer]) -> None:
    """Builds the input transforms, and raises unless what they make of an image fits each critic."""
    shape: tuple[int | None, ...] = (None, *task.image_shape)
    for transform in inputs:
        if not transform.built:
            transform.build(shape)
        shape = tuple(transform.compute_output_shape(shape))
    for name in task.critics:
        wanted = getattr(task, name).input_shape
        wanted = wanted[0] if isinstance(wanted, list) else wanted
        if not same_shape(shape, wanted):
            raise ValueError(
                explain(
                    f"The critic '{name}' does not fit what it is shown.",
                    received=f"images of shape {shape[1:]} after {[type(layer).__name__ for layer in inputs]}",
                    expected=f"images of shape {tuple(wanted[1:])}, the critic's input",
                    fix="build the critic for the generator's images as the input transforms change them"
                    " (packing by m multiplies the channels by m).",
                )
            )


def build_optimizers(gan, generator_optimizer, discriminator_optimizer) -> list[keras.optimizers.Optimizer]:
    """Returns the generator's and the discriminator's optimizer, built, and with loss scaling under `mixed_float16`."""
    if isinstance(generator_optimizer, keras.optimizers.Optimizer) and generator_optimizer is discriminator_optimizer:
        raise ValueError(
            explain(
                "The two players share one optimizer.",
                received="the same object as generator_optimizer and discriminator_optimizer",
                expected="two optimizers, each with moments of its own",
                fix="create a second one with the same settings.",
            )
        )
    optimizers = []
    for player, given in (("generator", generator_optimizer), ("discriminator", discriminator_optimizer)):
        optimizer = keras.optimizers.get(given)
        if gan.dtype_policy.name == "mixed_float16" and not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
        optimizer.build(gan.variables_of(player))
        optimizers.append(optimizer)
    return optimizers


def unpack(gan, data) -> Batch:
    """Returns the batch of a step, checked against the task."""
    batch, _, _ = keras.utils.unpack_x_y_sample_weight(data)
    gan.task.check_batch(batch)
    return batch


def split(batch: Batch, parts: int) -> Sequence[Batch]:
    """Returns the batch cut into equal parts along its first axis."""
    if parts == 1:
        return [batch]
    pieces = {key: tf.split(value, parts) for key, value in batch.items()}
    return [{key: piece[part] for key, piece in pieces.items()} for part in range(parts)]


def check_dataset(gan, dataset) -> None:
    """Raises, before anything is traced, if batches of this dataset cannot be shared out."""
    if not isinstance(dataset, tf.data.Dataset):
        return
    spec = dataset.element_spec
    spec = spec[0] if isinstance(spec, tuple) else spec
    gan.task.check_batch(spec)
    n = next(iter(spec.values())).shape[0] if isinstance(spec, Mapping) else None
    group = 1
    for transform in getattr(gan, "input_transforms", ()):
        group *= getattr(transform, "group", 1)
    steps, replicas = getattr(gan, "critic_steps", 1), gan.distribute_strategy.num_replicas_in_sync
    unit = steps * replicas * group
    if n is not None and n % unit:
        raise ValueError(
            explain(
                "The batch cannot be shared out evenly.",
                received=f"batches of {n} images",
                expected=f"a multiple of {unit} = {steps} critic steps x {replicas} replicas x packs of {group}",
                fix=f"use a batch size of {max(n // unit, 1) * unit}, which counts the images of all critic steps.",
            )
        )


def transform_arguments(transform: keras.Layer, training: bool, images_seen, seed) -> dict:
    """Returns what an input transform is called with besides the images."""
    if isinstance(transform, InputTransform):
        return {"training": training, "images_seen": images_seen, "seed": seed}
    return {"training": training} if transform._call_has_training_arg else {}


def own_state(gan) -> dict[str, keras.Variable]:
    """Returns what Keras would not save by itself: the image counter and the state of every seed generator."""
    layers = {"task": gan.task, **{f"input_{i}": layer for i, layer in enumerate(getattr(gan, "input_transforms", ()))}}
    state = {
        "images_seen": gan.images_seen,
        "seed": gan.seed_generator.state,
        "test_seed": gan.test_seed_generator.state,
    }
    for owner, layer in layers.items():
        seeds = [variable for variable in layer.variables if "seed_generator" in variable.path]
        state |= {f"{owner}_seed_{i}": variable for i, variable in enumerate(seeds)}
    return state
