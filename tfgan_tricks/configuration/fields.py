"""The fields of a config: their defaults, and what their values must satisfy."""

import math

import ml_collections

from tfgan_tricks.checks import check_choice, check_integer, check_range, check_type, explain, suggestion
from tfgan_tricks.data.limits import MOST_PIXELS

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


def default_config(variant: str = "") -> ml_collections.ConfigDict:
    """Returns the config that every recipe starts from; it is locked, so a misspelt field is an error.
    The variant, what the recipe was asked for, is "" or "quick".

    Fields:
        seed: integer; initial weights, data order and latents all descend from it.
        images: images seen by the generator until the run ends, rounded to whole epochs of whole batches.
        images_per_epoch: images between two checkpoints, sample grids and lines of numbers.
        batch_size: images per update; a step with k critic steps reads k such batches.
        precision: one of "float32", "mixed_bfloat16", "mixed_float16".
        data.source, data.resolution, data.channels, data.flip, data.crop, data.on_error: see `tfgan_tricks.data.load`.
        update_rule: `GAN()` or one of its relatives, such as `OneStageGAN()` or `UnrolledGAN(unroll=5)`.
        architecture, prior, loss, terms, inputs, averaging, weight_constraint, generator_optimizer,
        discriminator_optimizer: components as text, see `tfgan_tricks.configuration`; "" for none.
        critic_steps: discriminator updates per generator update.
        curriculum: stages to train in, such as "ProgressiveTraining(images_fading=100_000, images_stable=100_000)";
            what it does not say is `images`, `images_per_epoch`, `batch_size` and `data.resolution`. "" for none.
        grid: images in a sample grid.
        keep_checkpoints: how many checkpoints are kept.
        class_summary: after training, tell the classes of so many samples with a classifier trained on the labelled
            real images; 0 for no summary.
        doctor: what watches the training, such as "Doctor()" or "Doctor(act=True)"; "" for nothing.
        evaluation.metrics: what to measure while training, as texts such as "FID()", "KID(subset_size=100)" or the
            short names of `tfgan-tricks evaluate`; the first decides which checkpoint is kept as the best. () for no
            evaluation.
        evaluation.features: what metrics compare: "classifier" (trained on the labelled data), "identity" (the
            pixels), "inception" or "inception:FILE".
        evaluation.images: how many images to generate each time, and to compare with.
        evaluation.every_images: images between two evaluations; 0 for one after each epoch.
    """
    check_choice("variant", variant, ("", "quick"))
    config = ml_collections.ConfigDict(
        {
            "seed": 0,
            "images": 1_000_000,
            "images_per_epoch": 50_000,
            "batch_size": 64,
            "precision": "float32",
            "data": {
                "source": "digits",
                "resolution": 32,
                "channels": 1,
                "flip": False,
                "crop": "center",
                "on_error": "raise",
            },
            "update_rule": "GAN()",
            "architecture": "sngan_cnn(width=64)",
            "prior": "Normal(128)",
            "averaging": "ExponentialAveraging(half_life_images=10_000, ramp_up=0.05)",
            "loss": "NonSaturating()",
            "terms": (),
            "inputs": (),
            "weight_constraint": "",
            "critic_steps": 1,
            "curriculum": "",
            "generator_optimizer": "Adam(1e-4, beta_1=0.0, beta_2=0.9)",
            "discriminator_optimizer": "Adam(4e-4, beta_1=0.0, beta_2=0.9)",
            "grid": 64,
            "keep_checkpoints": 3,
            "class_summary": 0,
            "doctor": "Doctor()",
            "evaluation": {"metrics": (), "features": "classifier", "images": 1_000, "every_images": 0},
        }
    )
    return config.lock()


def check_config(config: ml_collections.ConfigDict) -> None:
    """Raises `ValueError` or `TypeError` unless a config has all fields, each of its type, and its plain numbers make
    sense; components are checked when built."""
    getattr(config, "keys", None)  # what ml_collections gives for a missing file says so when it is asked for anything
    check_type("get_config()", config, ml_collections.ConfigDict, "return default_config() with other values.")
    _check_fields(config, default_config())
    for field in ("images", "images_per_epoch", "batch_size", "critic_steps", "grid", "keep_checkpoints"):
        check_integer(f"config.{field}", config[field], at_least=1)
    for field in ("class_summary", "seed"):
        check_integer(f"config.{field}", config[field], at_least=0)
    for field, least in (("images", 1), ("every_images", 0)):
        check_integer(f"config.evaluation.{field}", config.evaluation[field], at_least=least)
    check_range("config.data.resolution", config.data.resolution, low=1, high=math.isqrt(MOST_PIXELS))
    for smaller, larger in (("batch_size", "images_per_epoch"), ("images_per_epoch", "images")):
        if config[smaller] > config[larger]:
            raise ValueError(
                explain(
                    f"`config.{smaller}` is larger than `config.{larger}`.",
                    received=f"{smaller}={config[smaller]}, {larger}={config[larger]}",
                    expected="batch_size <= images_per_epoch <= images",
                    fix=f"set --config.{smaller} to {config[larger]} or less, or raise --config.{larger}.",
                )
            )
    check_choice("config.precision", config.precision, PRECISIONS)


def _check_fields(config: ml_collections.ConfigDict, default: ml_collections.ConfigDict, above: str = "config") -> None:
    """Raises unless a config, or a part of it, has the fields of the default one, and each is of the same type."""
    known = default.keys()
    for name in sorted({*config.keys()} ^ {*known}, key=str):
        here, word = (f"no {above}.{name}", "lacks") if name in known else (f"{above}.{name}", "has an unknown")
        raise ValueError(
            explain(
                f"The config {word} field {name!r}.",
                received=here,
                expected=f"{above} with the fields {', '.join(known)}",
                fix="start from tfgan_tricks.experiment.default_config()."
                if name in known
                else suggestion(str(name), known, "leave it out."),
            )
        )
    for name, value in default.items():
        given, field = config[name], f"{above}.{name}"
        if isinstance(value, ml_collections.ConfigDict):
            check_type(
                field, given, ml_collections.ConfigDict, "leave the fields in it as they are in default_config()."
            )
            _check_fields(given, value, field)
        else:
            kind = (tuple, list) if isinstance(value, tuple) else type(value)
            check_type(field, given, kind, f"write it as in the default, {value!r}.")
