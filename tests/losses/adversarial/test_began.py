"""`BEGAN` against its recursion in NumPy: by itself, in a GAN, saved, and on two replicas."""

import keras
import numpy as np
import pytest

import tfgan_tricks as tt
from tests.support import tiny
from tests.support.adversarial import check_parts, each_pair, linear_gan
from tests.support.matches import match_of
from tfgan_tricks.losses.adversarial import BEGAN


def energies(seed: int, n: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.1, 3.0, size=(n, 1)).astype("float32")


def match_with(error, generated, player="discriminator"):
    """A match whose critic gave these reconstruction errors."""
    return match_of(lambda images: -images, error, generated, player=player)


def moved(k, gamma, gain, error, generated) -> float:
    """One step of the recursion."""
    return float(np.clip(k + gain * (gamma * np.mean(error) - np.mean(generated)), 0.0, 1.0))


@each_pair
@pytest.mark.parametrize("k", [None, 0.0, 0.4])
def test_errors_are_the_negative_logits_and_k_weighs_the_generated_ones(real, fake, k):
    loss = BEGAN()
    if k is not None:
        loss.prepare(None)
        loss.variables[0].assign(k)
    k = np.float32(k or 0.0)
    one = np.ones_like(real)
    expected = {"real": (-real, -one), "fake": (k * fake, k * one)}  # L(x) - k·L(G(z)), L = -logit
    check_parts(loss, "discriminator", {"real": real, "fake": fake}, expected)
    check_parts(loss, "generator", {"fake": fake}, {"fake": (-fake, -one)})


@pytest.mark.parametrize(("gamma", "gain"), [(0.5, 0.001), (0.9, 0.1), (0.3, 0.5)])
def test_k_follows_its_recursion_within_0_and_1(gamma, gain):
    loss = BEGAN(gamma, gain)
    loss.prepare(None)
    expected, path = 0.0, []
    for step in range(60):
        generated = energies(step + 100) * (0.3 if step % 20 < 12 else 2.0)
        loss.observe(match_with(energies(step), generated))
        expected = moved(expected, gamma, gain, energies(step), generated)
        path.append(expected)
        np.testing.assert_allclose(float(loss.k), expected, rtol=1e-5, atol=1e-6)
    assert len(set(path)) > 20
    if gamma == 0.9:
        assert {0.0, 1.0} <= set(path), "an end was not reached: nothing was clipped"


def test_the_generators_update_leaves_k():
    loss = BEGAN(0.5, 0.1)
    loss.prepare(None)
    loss.variables[0].assign(0.5)
    loss.observe(match_with(energies(1), energies(2), player="generator"))
    assert float(loss.k) == 0.5


def test_it_reports_the_convergence_measure():
    error, generated = energies(1), 0.1 * energies(2)
    expected = error.mean() + abs(0.7 * error.mean() - generated.mean())
    report = BEGAN(gamma=0.7).report(real=-error, fake=-generated)
    np.testing.assert_allclose(report["began_convergence"], expected, rtol=1e-6)
    assert float(report["began_k"]) == 0.0


def compiled(loss, **arguments):
    gan = linear_gan(loss, **arguments)
    loss.variables[0].assign(0.4)  # so that neither end is near
    return gan


@keras.saving.register_keras_serializable("tests")
class Records(tt.losses.Term):
    """Keeps the mean logits of each discriminator update."""

    def prepare(self, task):
        self.means = []

    def call(self, match):
        self.means.append([float(np.mean(out["logits"])) for out in (match.real_out, match.fake_out)])
        return keras.ops.zeros(())


def test_in_a_gan_k_moves_once_per_discriminator_update_and_the_logs_tell():
    loss, records = BEGAN(gamma=0.6, lambda_k=0.05), Records()
    gan = compiled(loss, terms=[records], critic_steps=2, run_eagerly=True)
    expected, losses, measures = 0.4, [], []
    for step in range(2):
        gan.reset_metrics()
        logs = gan.train_on_batch({"image": tiny.images(16, seed=step)}, return_dict=True)
        for real, fake in records.means[-2:]:
            losses.append(expected * fake)
            measures.append(-real + abs(0.6 * -real + fake))
            expected = moved(expected, 0.6, 0.05, -real, -fake)
        np.testing.assert_allclose(float(loss.k), expected, rtol=1e-5)
        np.testing.assert_allclose(logs["discriminator_fake_loss"], np.mean(losses[-2:]), rtol=1e-4)
        np.testing.assert_allclose(logs["began_convergence"], np.mean(measures[-2:]), rtol=1e-4)
    assert len(records.means) == 4
    gan.evaluate({"image": tiny.images(8)}, verbose=0)
    assert float(loss.k) == pytest.approx(expected, rel=1e-5)
    assert expected != 0.4


def test_k_is_saved_with_the_gan(tmp_path):
    gan = compiled(BEGAN(gamma=0.6, lambda_k=0.05))
    gan.train_on_batch({"image": tiny.images(8)})
    k = float(gan.adversarial_loss.k)
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    assert float(again.adversarial_loss.k) == k not in (0.0, 0.4)


def test_replicas_have_one_k_from_the_errors_of_the_whole_batch(two_replicas):
    loss = BEGAN(gamma=0.6, lambda_k=0.5)
    error, generated = energies(1, 6), energies(2, 6)
    with two_replicas.scope():
        loss.prepare(None)
        loss.variables[0].assign(0.4)

    def observe(values):
        loss.observe(match_with(*values))

    halves = two_replicas.experimental_distribute_values_from_function(
        lambda context: tuple(
            keras.ops.convert_to_tensor(v[3 * context.replica_id_in_sync_group :][:3]) for v in (error, generated)
        )
    )
    two_replicas.run(observe, args=(halves,))
    copies = [copy.numpy() for copy in two_replicas.experimental_local_results(loss.variables[0].value)]
    assert copies[0] == copies[1]
    np.testing.assert_allclose(copies[0], moved(0.4, 0.6, 0.5, error, generated), rtol=1e-5)


@pytest.mark.parametrize("wrong", [{"gamma": 1.1}, {"gamma": -0.1}, {"lambda_k": 0.0}, {"lambda_k": -1.0}])
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match="is out of range"):
        BEGAN(**wrong)


def test_smoothing_is_refused():
    with pytest.raises(TypeError, match="BEGAN has no targets"):
        BEGAN(label_smoothing=0.1)


def test_a_config_names_it_by_text():
    assert tt.configuration.build("BEGAN(gamma=0.7)", "losses.adversarial") == BEGAN(gamma=0.7)
