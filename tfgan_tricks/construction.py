"""What a config describes, built: the compiled GAN, and the stages it trains in."""

import keras
import ml_collections

from tfgan_tricks.checks import check_type, explain
from tfgan_tricks.configuration import build, build_all
from tfgan_tricks.inputs.input_transform import group_of
from tfgan_tricks.tasks import Unconditional
from tfgan_tricks.training import ProgressiveTraining, SingleLossGAN, two_time_scales
from tfgan_tricks.training.adversarial_model import AdversarialModel
from tfgan_tricks.types import PLAYERS


def build_gan(config: ml_collections.ConfigDict, resolution: int | None = None) -> AdversarialModel:
    """Returns the compiled GAN that a config describes, for images of its resolution unless another is given."""
    keras.config.set_dtype_policy(config.precision)
    prior = build(config.prior, "latents", "config.prior")
    inputs = build_all(config.inputs, "inputs", "config.inputs")
    resolution = resolution or config.data.resolution
    shape = {"resolution": resolution, "channels": config.data.channels, "latent_dim": prior.shape[0]}
    generator, discriminator = _networks(config, shape)
    if group_of(inputs) > 1:  # the critic sees several images, one behind the other in its channels
        shape["channels"] *= group_of(inputs)
        _, discriminator = build(config.architecture, "architectures", "config.architecture", **shape)
    known = {
        "task": Unconditional(generator, discriminator, prior),
        "averaging": build(config.averaging, "training", "config.averaging") if config.averaging else None,
        "seed": config.seed,
    }
    gan = build(config.update_rule, "training", "config.update_rule", **known)
    fix = "name an update rule: GAN(), OneStageGAN(), UnrolledGAN(unroll=5) or SingleLossGAN()."
    check_type("config.update_rule", gan, AdversarialModel, fix)
    optimizers = {
        player: build(config[f"{player}_optimizer"], "optimizers", f"config.{player}_optimizer") for player in PLAYERS
    }
    if isinstance(gan, SingleLossGAN):
        how: dict = {"optimizer": two_time_scales(**optimizers)}
        how |= {"critic_steps": config.critic_steps} if config.critic_steps > 1 else {}  # refused, with the reason
    else:
        how = {f"{player}_optimizer": optimizer for player, optimizer in optimizers.items()}
        how |= {"critic_steps": config.critic_steps}
    constraint = config.weight_constraint
    gan.compile(
        loss=build(config.loss, "losses.adversarial", "config.loss"),
        terms=build_all(config.terms, "terms", "config.terms"),
        inputs=inputs,
        weight_constraint=build(constraint, "constraints", "config.weight_constraint") if constraint else None,
        **how,
    )
    return gan


def _networks(config: ml_collections.ConfigDict, shape: dict):
    try:
        return build(config.architecture, "architectures", "config.architecture", **shape)
    except ValueError as error:
        if not config.curriculum or shape["resolution"] == config.data.resolution:
            raise
        build(
            config.architecture,
            "architectures",
            "config.architecture",
            **shape | {"resolution": config.data.resolution},
        )
        raise ValueError(
            explain(
                "The architecture does not come in all resolutions of the curriculum.",
                received=f"{config.architecture} at {shape['resolution']}x{shape['resolution']}, with"
                f" {config.curriculum}: {error}",
                expected="a start_resolution that the architecture can draw, such as 4 for progan",
                fix="set start_resolution in config.curriculum, or leave it out.",
            )
        ) from None


def build_curriculum(config: ml_collections.ConfigDict) -> ProgressiveTraining | None:
    """Returns the stages that a config describes, or `None` if it trains in one piece."""
    if not config.curriculum:
        return None
    known = {
        "build": lambda resolution: build_gan(config, resolution),
        "resolution": config.data.resolution,
        "images": config.images,
        "batch_sizes": config.batch_size,
        "images_per_epoch": config.images_per_epoch,
    }
    curriculum = build(config.curriculum, "training", "config.curriculum", **known)
    last = curriculum.stages[-1].resolution if isinstance(curriculum, ProgressiveTraining) else None
    if last != config.data.resolution:
        raise ValueError(
            explain(
                "The curriculum does not fit the run.",
                received=f"{config.curriculum} with data.resolution={config.data.resolution}",
                expected="ProgressiveTraining(...) that ends at data.resolution",
                fix="leave its resolution out, and set --config.data.resolution.",
            )
        )
    return curriculum
