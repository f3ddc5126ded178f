"""An unrolled GAN beside the alternating one: what moves, replicas, precision, XLA, saving."""

import contextlib

import keras
import numpy as np
import pytest

import tfgan_tricks as tt
from tests.support import tiny
from tests.training import scalar_game


def tricks() -> dict:
    """Returns a lazy penalty, noise, and a transform with a memory, made anew: layers belong to one GAN."""
    return {
        "terms": [tt.penalties.R1(gamma=1.0, every=2)],
        "inputs": [tt.inputs.HistoryBuffer(capacity=4), tt.inputs.InstanceNoise(0.1)],
    }


def gan_of(
    unroll=None, virtual_optimizer="sgd", task=tt.tasks.Unconditional, dropout=0.3, optimizers=None, **arguments
):
    """Returns the tiny GAN, alternating unless `unroll` is given; the same weights for the same Keras seed."""
    made = tt.tasks.Unconditional(*tiny.networks(dropout=dropout), tt.latents.Normal(tiny.LATENTS))
    average = tt.training.ExponentialAveraging(50)
    if unroll is None:
        gan = tt.training.GAN(made, average)
    else:
        gan = tt.training.UnrolledGAN(made, average, unroll=unroll, virtual_optimizer=virtual_optimizer)
    optimizers = optimizers or (keras.optimizers.Adam(1e-3, 0.5), keras.optimizers.SGD(0.05))
    loss = tt.losses.adversarial.NonSaturating(label_smoothing=(0.8, 1.0))
    gan.compile(*optimizers, **{"loss": loss, "jit_compile": False, **arguments})
    return gan


def everything(gan):
    optimizers = (gan.generator_optimizer, gan.discriminator_optimizer)
    return [*gan.variables, *(variable for optimizer in optimizers for variable in optimizer.variables)]


def test_without_virtual_steps_it_is_the_alternating_gan_bit_for_bit():
    results = []
    for unroll in (None, 0):
        keras.utils.set_random_seed(0)
        gan = gan_of(unroll, **tricks(), critic_steps=2, run_eagerly=True)
        history = gan.fit(tiny.dataset(16), steps_per_epoch=3, verbose=0).history
        results.append([*tiny.values(everything(gan)), *(np.array(history[name]) for name in sorted(history))])
    for alternating, unrolled in zip(*results, strict=True):
        np.testing.assert_array_equal(alternating, unrolled)


@pytest.mark.parametrize("virtual_optimizer", ["sgd", "adam"])
def test_the_discriminators_real_step_stays_bit_for_bit(virtual_optimizer):
    discriminators, generators = [], []
    for unroll in (0, 5):
        keras.utils.set_random_seed(0)
        gan = gan_of(unroll, virtual_optimizer, **tricks(), run_eagerly=True)
        gan.train_on_batch({"image": tiny.images(8)})
        own = [gan.task.discriminator, gan.discriminator_optimizer, *gan.input_transforms]
        discriminators.append(tiny.values([variable for part in own for variable in part.variables]))
        generators.append(np.concatenate([value.ravel() for value in tiny.values(gan.variables_of("generator"))]))
    for alternating, unrolled in zip(*discriminators, strict=True):
        np.testing.assert_array_equal(alternating, unrolled)
    assert np.abs(generators[0] - generators[1]).max() > 1e-4, "the generator does not look ahead"


def test_a_generator_update_moves_nothing_of_the_critics_transforms_and_parts():
    gan = gan_of(3, "adam", **tricks(), optimizers=("adam", "adam"), run_eagerly=True)
    gan.train_on_batch({"image": tiny.images(8)})
    owners = [gan.task.discriminator, gan.discriminator_optimizer, *gan.input_transforms]
    variables = [variable for owner in owners for variable in owner.variables]
    before, generator = tiny.values(variables), tiny.values(gan.variables_of("generator"))
    gan.update("generator", {"image": tiny.images(8, seed=1)})
    assert not any(tiny.moved(before, variables))
    assert any(tiny.moved(generator, gan.variables_of("generator")))


def test_a_frozen_discriminator_takes_no_virtual_steps():
    task = scalar_game.task()
    task.discriminator.trainable = False
    gan = tt.training.UnrolledGAN(task, unroll=5)
    gan.compile(keras.optimizers.SGD(1.0), "sgd", loss=tt.losses.adversarial.Wasserstein())
    gan.train_on_batch(scalar_game.batch())
    np.testing.assert_allclose(scalar_game.weight(task.generator), scalar_game.THETA + scalar_game.PSI, rtol=1e-6)


def test_evaluation_reports_the_loss_at_the_live_critic():
    reports = []
    for unroll in (0, 5):
        keras.utils.set_random_seed(0)
        gan = gan_of(unroll, terms=[tt.penalties.R1(gamma=1.0)], run_eagerly=True)
        before = tiny.values(gan.task.variables)
        reports.append(gan.evaluate(tiny.dataset(), steps=2, verbose=0, return_dict=True))
        assert not any(tiny.moved(before, gan.task.variables))
    assert reports[0] == reports[1]


def smooth_networks(across_replicas=False):
    latents, points = keras.Input((tiny.LATENTS,)), keras.Input((8, 8, 1))
    made = keras.layers.Reshape((8, 8, 1))(keras.layers.Dense(64, activation="tanh")(latents))
    x = tt.layers.SpectralNormDense(6, activation="tanh")(keras.layers.Flatten()(points))
    if across_replicas:
        x = keras.layers.Flatten()(tt.layers.MinibatchStd(across_replicas=True)(keras.layers.Reshape((1, 1, 6))(x)))
    return keras.Model(latents, made), keras.Model(points, tt.layers.SpectralNormDense(1)(x))


def smooth_gan(virtual_optimizer, across_replicas=False, **arguments):
    keras.utils.set_random_seed(0)
    task = tiny.LatentsFromBatch(*smooth_networks(across_replicas), tt.latents.Normal(tiny.LATENTS))
    gan = tt.training.UnrolledGAN(task, unroll=2, virtual_optimizer=virtual_optimizer)
    optimizers = keras.optimizers.SGD(0.3), keras.optimizers.Adam(1e-2, 0.5, epsilon=1e-3)
    gan.compile(*optimizers, loss=tt.losses.adversarial.NonSaturating(), **arguments)
    gan.fit(tiny.with_latents(16), steps_per_epoch=3, verbose=0)
    return tiny.values(gan.trainable_variables)


@pytest.mark.parametrize(
    ("virtual_optimizer", "across_replicas", "terms"),
    [("adam", False, [tt.penalties.R1(gamma=1.0)]), (tt.training.VirtualSGD(0.5), True, [])],
    ids=["adam_r1", "sgd_statistics_across_replicas"],
)
def test_one_and_two_replicas_foresee_the_same(two_replicas, virtual_optimizer, across_replicas, terms):
    results = []
    for scope in (contextlib.nullcontext(), two_replicas.scope()):
        with scope:
            results.append(smooth_gan(virtual_optimizer, across_replicas, terms=terms, jit_compile=False))
    for mine, other in zip(*results, strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-5)


def test_eager_graph_and_xla_steps_agree():
    results = [
        smooth_gan("adam", terms=[tt.penalties.R1(gamma=1.0, every=2)], **arguments)
        for arguments in ({"run_eagerly": True}, {"jit_compile": False}, {"jit_compile": True})
    ]
    for other in results[1:]:
        for mine, value in zip(results[0], other, strict=True):
            np.testing.assert_allclose(mine, value, atol=1e-5)


def test_a_lazy_penalty_in_virtual_steps_compiles():
    networks = tt.architectures.mlp(resolution=8, channels=1, latent_dim=tiny.LATENTS, widths=(8,))
    gan = tt.training.UnrolledGAN(tt.tasks.Unconditional(*networks, tt.latents.Normal(tiny.LATENTS)), unroll=2)
    terms = [tt.penalties.R1(gamma=1.0, every=3)]
    gan.compile("sgd", "sgd", loss=tt.losses.adversarial.Hinge(), terms=terms, jit_compile=True)
    history = gan.fit(tiny.dataset(), steps_per_epoch=4, verbose=0).history
    assert all(np.isfinite(value).all() for value in history.values())


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_trains_to_finite_values(policy):
    keras.config.set_dtype_policy(policy)
    gan = gan_of(2, "sgd", terms=[tt.penalties.WGANGP()], run_eagerly=True)
    history = gan.fit(tiny.dataset(8), steps_per_epoch=4, verbose=0).history
    assert all(np.isfinite(value).all() for value in history.values()), history
    assert all(np.isfinite(value).all() for value in tiny.values(gan.variables))
    assert {v.dtype for v in gan.trainable_variables} == {"float32"}


def test_a_virtual_step_that_overflows_is_left_out():
    keras.config.set_dtype_policy("mixed_float16")
    optimizers = [keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1), initial_scale=s) for s in (1.0, 2e30)]
    gan = gan_of(2, "sgd", optimizers=optimizers, run_eagerly=True)
    before = tiny.values(gan.trainable_variables)
    logs = gan.train_on_batch({"image": tiny.images(8)}, return_dict=True)
    assert all(np.isfinite(value) for value in logs.values()), logs
    assert not any(tiny.moved(before, gan.trainable_variables)), "both players skip their step"


def test_loss_scaling_changes_no_virtual_step():
    results = []
    for policy in ("float32", "mixed_float16"):
        keras.config.set_dtype_policy(policy)
        keras.utils.set_random_seed(0)
        optimizers = [keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.0)]
        if policy == "mixed_float16":
            optimizers = [keras.optimizers.LossScaleOptimizer(o, initial_scale=512.0) for o in optimizers]
        settings = {"dropout": 0.0, "optimizers": optimizers, "terms": [tt.penalties.R1(gamma=1.0)]}
        gan = gan_of(2, tt.training.VirtualSGD(0.1), run_eagerly=True, **settings)
        results.append(gan.fit(tiny.dataset(), steps_per_epoch=2, verbose=0).history)
    for name, value in results[0].items():
        np.testing.assert_allclose(results[1][name], value, rtol=0.05, atol=0.01, err_msg=name)


@pytest.mark.parametrize(
    "virtual_optimizer",
    ["sgd", tt.training.VirtualAdam(0.01, beta_1=0.6, beta_2=0.9, epsilon=1e-4, moments="zero")],
    ids=["sgd", "adam"],
)
def test_a_reloaded_unrolled_gan_continues_bit_for_bit(virtual_optimizer, tmp_path):
    constraint = tt.constraints.ClipWeights(0.5)
    gan = gan_of(2, virtual_optimizer, **tricks(), weight_constraint=constraint, run_eagerly=True)
    gan.fit(tiny.dataset(8), steps_per_epoch=2, verbose=0)
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras", safe_mode=True)
    assert isinstance(again, tt.training.UnrolledGAN)
    assert again.unroll == 2
    assert again.virtual_optimizer == gan.virtual_optimizer
    histories = [g.fit(tiny.dataset(8), steps_per_epoch=2, verbose=0).history for g in (gan, again)]
    assert histories[0] == histories[1]
    for mine, other in zip(tiny.values(everything(gan)), tiny.values(everything(again)), strict=True):
        np.testing.assert_array_equal(mine, other)
    assert int(again.images_seen.numpy()) == 32
