"""A saved GAN goes on exactly: weights, optimizers, spectral norm's vectors, average, counters, seeds, constraint."""

import keras
import numpy as np
import pytest

import tfgan_tricks as tt
from tests.support import tiny

adversarial = tt.losses.adversarial
LOSSES = [
    adversarial.NonSaturating(label_smoothing=(0.7, 1.2), fake_smoothing=(0.0, 0.3)),
    adversarial.Minimax(label_smoothing=0.1),
    adversarial.Wasserstein(),
    adversarial.LeastSquares(a=-1.0, b=1.0, c=0.0),
    adversarial.Hinge(),
]
TERMS = [
    tt.penalties.R1(gamma=tt.schedules.Linear(1.0, 0.1, images=100), every=2),
    tt.penalties.WGANGP(weight=3.0, one_sided=True),
    tt.penalties.GradientPenalty("fake", target=0.5),
]


def everything(gan):
    optimizers = (gan.generator_optimizer, gan.discriminator_optimizer)
    return tiny.values([*gan.variables, *(variable for optimizer in optimizers for variable in optimizer.variables)])


def without_build_configs(config):
    """Drops where a layer was built, which Keras writes for layers built by a call and not for others."""
    if isinstance(config, dict):
        return {name: without_build_configs(value) for name, value in config.items() if name != "build_config"}
    return [without_build_configs(value) for value in config] if isinstance(config, list) else config


# One loss tells whether everything is saved; the others, in the slow tier, whether each loss is.
@pytest.mark.parametrize(
    "loss",
    [LOSSES[0], *(pytest.param(loss, marks=pytest.mark.slow) for loss in LOSSES[1:])],
    ids=lambda loss: type(loss).__name__,
)
def test_a_reloaded_gan_continues_bit_for_bit(loss, tmp_path):
    arguments = {
        "terms": TERMS,
        "inputs": [tt.inputs.InstanceNoise(tt.schedules.Linear(0.1, 0.0, images=100)), keras.layers.GaussianNoise(0.1)],
        "critic_steps": 2,
        "weight_constraint": tt.constraints.ClipWeights(0.5),
    }
    gan = tiny.gan_of(loss, dropout=0.3, **arguments)
    gan.fit(tiny.dataset(16), steps_per_epoch=3, verbose=0)
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras", safe_mode=True)
    for mine, other in zip(everything(gan), everything(again), strict=True):
        np.testing.assert_array_equal(mine, other)
    assert again.adversarial_loss == loss
    assert again.terms == tuple(TERMS)
    assert again.weight_constraint.limit == 0.5
    histories = [g.fit(tiny.dataset(16), steps_per_epoch=3, verbose=0).history for g in (gan, again)]
    assert histories[0] == histories[1]
    for mine, other in zip(everything(gan), everything(again), strict=True):
        np.testing.assert_array_equal(mine, other)
    assert int(again.images_seen.numpy()) == 48
    latents = gan.task.prior.sample(3, seed=4)
    np.testing.assert_array_equal(gan.predict(latents, verbose=0), again.predict(latents, verbose=0))


def test_the_configuration_of_compile_survives_exactly(tmp_path):
    gan = tiny.gan_of(adversarial.Hinge(), inputs=[tt.inputs.Packing(2)], packing=2, jit_compile=False)
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    assert without_build_configs(again.get_compile_config()) == without_build_configs(gan.get_compile_config())
    assert without_build_configs(again.get_config()) == without_build_configs(gan.get_config())
    assert again.input_transforms[0].m == 2
    assert again.generator_optimizer.get_config() == gan.generator_optimizer.get_config()


def test_a_gan_loads_without_its_compile_arguments_for_sampling(tmp_path):
    gan = tiny.gan_of()
    gan.fit(tiny.dataset(), steps_per_epoch=1, verbose=0)
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras", compile=False)
    latents = gan.task.prior.sample(3, seed=4)
    np.testing.assert_array_equal(gan.predict(latents, verbose=0), again.predict(latents, verbose=0))


def test_every_seed_of_the_model_is_saved(tmp_path):
    """Keras' own files forget the state of seed generators; ours hold dropout's and the latents'."""
    gan = tiny.gan_of(dropout=0.5)
    gan.fit(tiny.dataset(), steps_per_epoch=2, verbose=0)
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    seeds = [variable for variable in gan.variables if "seed_generator" in variable.path]
    reloaded = [variable for variable in again.variables if "seed_generator" in variable.path]
    assert len(seeds) == 3  # of training, of evaluation, of the critic's dropout
    for mine, other in zip(tiny.values(seeds), tiny.values(reloaded), strict=True):
        np.testing.assert_array_equal(mine, other)
        assert mine[1] > 0 or mine[0] == 1  # all but the unused one for evaluation have moved
