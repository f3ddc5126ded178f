"""All image and auxiliary terms together in one GAN, on a task that feeds them all."""

import contextlib

import keras
import numpy as np
import pytest

import tfgan_tricks as tt
from tests.support import rich_task, tiny
from tests.support.feature_network import LAYERS, feature_network
from tfgan_tricks.losses import auxiliary, image

FEATURES = {"layers": LAYERS, "layer_weights": (0.5, 1.0)}


def every_term(every: int = 1) -> list[tt.losses.Term]:
    """Returns one of each; the terms that wait for other replicas in each step."""
    return [
        image.Charbonnier(every=every),
        image.TotalVariation(mask="mask", every=every),
        image.SSIM(filter_size=5, every=every),
        image.MultiScaleSSIM(power_factors=(0.5, 0.5), filter_size=3, every=every),
        image.Perceptual(feature_network(channels=1), **FEATURES, every=every),
        image.Style(feature_network(channels=1), **FEATURES, every=every),
        auxiliary.Reconstruction(weight=tt.schedules.Linear(10.0, 1.0, images=100), every=every),
        auxiliary.FeatureMatching("paired", every=every),
        auxiliary.FeatureMatching("mean", name="mean_features"),
        auxiliary.MutualInformation(every=every),
        auxiliary.Classification("both"),
        auxiliary.CycleConsistency(every=every),
        auxiliary.Identity(every=every),
    ]


NAMES = [f"{player}{term.name}" for term in every_term() for player in ("", "generator_")[: len(term.players)]]


def trained(steps=3, every=1, **arguments):
    gan = rich_task.gan_of(tt.losses.adversarial.NonSaturating(), every_term(every), **arguments)
    return gan, gan.fit(rich_task.batches(), steps_per_epoch=steps, verbose=0).history


def test_every_public_term_is_here():
    public = {*tt.configuration.registry("losses.image"), *tt.configuration.registry("losses.auxiliary")}
    assert public - {"PullingAway"} == {type(term).__name__ for term in every_term()}


def test_each_term_is_logged_and_the_players_minimise_the_sum():
    gan, history = trained(steps=1, optimizers=[keras.optimizers.SGD(1e-3) for _ in range(2)])
    logs = {name: values[0] for name, values in history.items()}
    assert set(NAMES) <= set(logs)
    assert all(np.isfinite(value) and value != 0.0 for name, value in logs.items() if name in NAMES)
    for player in ("discriminator", "generator"):
        total = sum(value for name, value in logs.items() if name.startswith(f"{player}_") and name.endswith("e_loss"))
        if player == "discriminator":
            total += logs["discriminator_real_loss"] + logs["mutual_information"] + logs["classification"]
        else:
            total += logs["generator_mutual_information"] + logs["generator_classification"]
            both = ("mutual_information", "classification")
            total += sum(logs[term.name] for term in gan.terms if term.name not in both)
        assert logs[f"{player}_loss"] == pytest.approx(total, rel=1e-4)


def check_networks_of_terms(gan) -> None:
    """Asserts that no update has moved the networks that terms compare in."""
    networks = [term for term in gan.terms if isinstance(term, image.Perceptual | image.Style)]
    assert len(networks) == 2
    for term in networks:
        for mine, given in zip(tiny.values(term.variables), feature_network(channels=1).get_weights(), strict=True):
            np.testing.assert_array_equal(mine, given)


def test_a_reloaded_gan_continues_bit_for_bit_with_the_same_networks_in_its_terms(tmp_path):
    gan, _ = trained(steps=2)
    check_networks_of_terms(gan)
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras", safe_mode=True)
    histories = [g.fit(rich_task.batches(), steps_per_epoch=2, verbose=0).history for g in (gan, again)]
    assert histories[0] == histories[1]
    for mine, other in zip(tiny.values(gan.variables), tiny.values(again.variables), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_lazy_terms_are_computed_in_each_second_update():
    _, history = trained(steps=2, every=2)
    assert all(np.isfinite(values).all() for values in history.values())
    assert set(NAMES) <= set(history)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_trains_to_finite_values(policy):
    keras.config.set_dtype_policy(policy)
    gan, history = trained(steps=3)
    assert all(np.isfinite(values).all() for values in history.values()), history
    assert all(np.isfinite(value).all() for value in tiny.values(gan.variables))


def test_one_and_two_replicas_train_alike(two_replicas):
    """The terms that wait for other replicas, and those with weights of their own."""
    results = []
    for scope in (contextlib.nullcontext(), two_replicas.scope()):
        terms = [
            image.Perceptual(feature_network(channels=1), **FEATURES),
            auxiliary.FeatureMatching("mean"),
            auxiliary.MutualInformation(),
            auxiliary.Classification("both"),
        ]
        optimizers = [keras.optimizers.SGD(1e-2), keras.optimizers.SGD(1e-2)]
        with scope:
            gan = rich_task.gan_of(tt.losses.adversarial.NonSaturating(), terms, optimizers)
        history = gan.fit(rich_task.batches(), steps_per_epoch=3, verbose=0).history
        results.append((tiny.values(gan.trainable_variables), {term.name: history[term.name] for term in terms}))
    (weights, logs), (others, other_logs) = results
    for mine, other in zip(weights, others, strict=True):
        np.testing.assert_allclose(mine, other, atol=2e-6)
    for name, value in logs.items():
        np.testing.assert_allclose(other_logs[name], value, rtol=1e-4, err_msg=name)


def test_training_brings_generated_images_to_their_targets():
    terms = [auxiliary.Reconstruction(weight=10.0), image.Charbonnier()]
    optimizers = (keras.optimizers.Adam(0.05), keras.optimizers.SGD(1e-3))
    gan = rich_task.gan_of(tt.losses.adversarial.NonSaturating(), terms, optimizers)
    history = gan.fit(rich_task.batches(8, n=8), epochs=2, steps_per_epoch=40, verbose=0).history
    assert history["charbonnier"][1] < 0.75 * history["charbonnier"][0]
