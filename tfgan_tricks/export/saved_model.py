"""A trained generator as a TensorFlow SavedModel."""

import contextlib
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import keras
import tensorflow as tf

from tfgan_tricks.checks import check_type, explain
from tfgan_tricks.export.determinism import deterministic as switched_off
from tfgan_tricks.latents.prior import Prior
from tfgan_tricks.randomness import SeedStream


def export_saved_model(gan: keras.Model, directory: str | Path, deterministic: bool = False) -> None:
    """Writes the generator of a GAN as a SavedModel that needs TensorFlow and nothing else.

    What is written is what `gan(latents)` computes: the averaged generator if there is one, in inference mode. The
    critic, the optimizers and the training state stay behind. The SavedModel has two signatures, and both answer
    with a dict whose one entry is "images", float32 [n, h, w, c] in [-1, 1]:

    * `serving_default`: from `latents`, float32 [n, *prior.shape], any n;
    * `sample`: from the int32 scalars `count` and `seed`. The latents are drawn in the graph, so that the images
      equal `gan(prior.sample(count, seed=seed))` on every machine.

    A task that generates from something else than latents alone, such as images with holes, has the first signature
    only, from tensors with the names in `task.specification`. A task that returns more than images does so here.

    A generator with always-on layers (`NoiseInjection`, `AlwaysOnDropout`) keeps its noise: each call of either
    signature draws it anew, starting, whenever the SavedModel is loaded, from the seeds that the export found. With
    `deterministic=True` those layers are left out, and equal inputs give equal images.

    The directory appears when all of it is written, or not at all.

    Args:
        gan: `tfgan_tricks.training.GAN` with a task that has a `prior` or a `specification` of its own.
        directory: where to; a new or an empty directory.
        deterministic: whether always-on layers are left out.

    Raises:
        ValueError: if the directory has contents or cannot be written.
        TypeError: if the task does not say what it generates from.

    Example:

    >>> generator, discriminator = tt.architectures.mlp(resolution=8, channels=1, latent_dim=4)
    >>> gan = tt.training.GAN(tt.tasks.Unconditional(generator, discriminator, prior=tt.latents.Normal(4)))
    >>> import tempfile, tensorflow as tf
    >>> directory = tempfile.mkdtemp()
    >>> tt.export.export_saved_model(gan, directory)
    >>> served = tf.saved_model.load(directory)  # keep this object while its signatures are in use
    >>> images = served.signatures["sample"](count=tf.constant(3), seed=tf.constant(1))["images"]
    >>> tuple(images.shape)
    (3, 8, 8, 1)
    """
    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            explain(
                "A SavedModel is written on TensorFlow only.",
                received=f"Keras on {keras.backend.backend()}",
                expected="KERAS_BACKEND=tensorflow",
                fix="save the GAN as a .keras file, and load and export it with TensorFlow as backend.",
            )
        )
    if gan.task.specification is None:
        prior = getattr(gan.task, "prior", None)
        check_type("gan.task.prior", prior, Prior, "export a GAN whose task has a prior, such as Unconditional.")
    target = Path(directory)
    _check_free(target)
    served, signatures = _served(gan)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Beside the target, so that moving it there is one rename.
        unfinished = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        try:
            with _quiet(), switched_off(gan) if deterministic else contextlib.nullcontext():
                tf.saved_model.save(served, str(unfinished), signatures=signatures)
            unfinished.chmod(0o755)  # mkdtemp's is for the owner alone
            unfinished.replace(target)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    except (OSError, tf.errors.OpError) as error:
        raise ValueError(
            explain(
                "The export could not be written.",
                received=f"{target}: {error}",
                expected="a directory on a disk with room, in a place where you may write",
                fix="choose another directory, or free the disk; nothing was left behind.",
            )
        ) from error


@contextlib.contextmanager
def _quiet():
    """Keeps TensorFlow from telling the name of the unfinished directory, which nobody will find."""
    logger = tf.get_logger()
    level = logger.level
    logger.setLevel("WARNING")
    try:
        yield
    finally:
        logger.setLevel(level)


def _check_free(target: Path) -> None:
    """Raises if something is in the way: an export is never merged with another."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ValueError(
            explain(
                "There is something where the export would go.",
                received=f"{target}, {'a directory with contents' if target.is_dir() else 'a file'}",
                expected="a new or an empty directory",
                fix="choose another name, or delete what is there first.",
            )
        )


def _served(gan: keras.Model) -> tuple[tf.Module, dict]:
    """Returns a module with the weights that sampling uses, and its signatures."""
    wanted = gan.task.specification
    named = wanted if isinstance(wanted, Mapping) else {"latents": wanted}

    def generated(x):
        out = gan(x, training=False)
        return out if isinstance(out, Mapping) else {"images": out}

    @tf.function(input_signature=[tf.TensorSpec(t.shape, t.dtype, name=n) for n, t in named.items()], autograph=False)
    def generate(*tensors):
        return generated(dict(zip(named, tensors, strict=True)) if isinstance(wanted, Mapping) else tensors[0])

    scalar = {name: tf.TensorSpec((), tf.int32, name=name) for name in ("count", "seed")}

    @tf.function(input_signature=[scalar["count"], scalar["seed"]], autograph=False)
    def sample(count, seed):
        return generated(gan.task.prior.sample(count, seed=SeedStream.from_integer(seed)))

    # Not traced before they are saved: TensorFlow refuses traces that assign to variables of several replicas, as
    # seeds are after such a training.
    signatures = {"serving_default": generate}
    if not isinstance(wanted, Mapping):  # latents, of the prior
        signatures["sample"] = sample
    served = tf.Module(name="generator")
    # A SavedModel holds the variables that hang on its root: these, not the GAN with its critic. The states of seed
    # generators are among them.
    networks = [gan.averaged.get(name, getattr(gan.task, name)) for name in gan.task.generators]
    served.weights = [variable.value for network in networks for variable in network.variables]
    return served, signatures
