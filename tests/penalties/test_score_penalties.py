"""LeCam against its recursion in NumPy; consistency regularisation against a shift that is known."""

import keras
import numpy as np
import pytest

import tfgan_tricks as tt
from tests.support import tiny
from tests.support.matches import images_of, linear_critic, match_of
from tfgan_tricks.penalties import ConsistencyRegularization, LeCam

WEIGHTS = images_of((7,), seed=1)


@keras.saving.register_keras_serializable("tests")
class AddOne(tt.inputs.InputTransform):
    """Adds 1 to every pixel."""

    def call(self, images, training=False, images_seen=0, seed=None):
        return images + 1.0 if training else images


def scores(images) -> np.ndarray:
    return images @ WEIGHTS


def test_lecam_follows_its_averages():
    term = LeCam(weight=0.3, decay=0.9)
    term.prepare(None)
    averages = None
    for step in range(4):
        real, fake = images_of((5, 7), seed=step), 2.0 * images_of((5, 7), seed=step + 50)
        match = match_of(linear_critic(WEIGHTS), real, fake)
        means = np.array([scores(real).mean(), scores(fake).mean()])
        if averages is None:
            assert float(term(match)) == 0.0
            averages = means
        else:
            values = (scores(real) - averages[1]) ** 2 + (scores(fake) - averages[0]) ** 2
            np.testing.assert_allclose(term.call(match), values, rtol=1e-4)
            assert float(term(match)) == pytest.approx(0.3 * values.mean(), rel=1e-4)
            averages = 0.9 * averages + 0.1 * means
        term.observe(match)
        np.testing.assert_allclose([term.variables[0], term.variables[1]], averages, rtol=1e-4, atol=1e-6)


def test_lecam_learns_nothing_from_the_generators_update():
    term = LeCam()
    term.prepare(None)
    term.observe(match_of(linear_critic(WEIGHTS), images_of((5, 7)), player="generator"))
    assert [float(variable) for variable in term.variables] == [0.0, 0.0, 0.0]


def test_lecams_averages_are_those_of_the_whole_batch_on_every_replica(two_replicas):
    term = LeCam()
    with two_replicas.scope():
        gan = tiny.gan_of(terms=[term])
    gan.fit(tiny.dataset(16), steps_per_epoch=1, verbose=0)
    real_average = [copy.numpy() for copy in two_replicas.experimental_local_results(term.variables[0].value)]
    assert real_average[0] == real_average[1] != 0.0
    logged = float(gan.logs.result()["real_logits"])  # the mean over the whole batch
    np.testing.assert_allclose(real_average[0], logged, rtol=1e-4)


@pytest.mark.parametrize("fake_share", [0.0, 0.5])
def test_consistency_is_the_squared_change_of_the_score(fake_share):
    term = ConsistencyRegularization(AddOne(), weight=3.0, fake_share=fake_share)
    match = match_of(linear_critic(WEIGHTS), images_of((5, 7)), images_of((5, 7), seed=4))
    change = WEIGHTS.sum()  # of every score, when 1 is added to every pixel
    assert float(term(match)) == pytest.approx(3.0 * (1 + fake_share) * change**2, rel=1e-4)


def test_consistency_tells_real_from_fake():
    def cubic(images):
        return linear_critic(WEIGHTS)(images) ** 3

    real, fake = images_of((5, 7)), 2.0 * images_of((5, 7), seed=4)
    received = ConsistencyRegularization(AddOne(), weight=1.0, fake_share=0.25).call(match_of(cubic, real, fake))
    changes = [(scores(images + 1.0) ** 3 - scores(images) ** 3) ** 2 for images in (real, fake)]
    np.testing.assert_allclose(received, changes[0] + 0.25 * changes[1], rtol=1e-3)


def test_consistency_comes_back_from_a_file_with_its_augmentation(tmp_path):
    gan = tiny.gan_of(terms=[ConsistencyRegularization(AddOne(), weight=3.0)])
    gan.fit(tiny.dataset(), steps_per_epoch=1, verbose=0)
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    assert isinstance(again.terms[0].augment, AddOne)
    assert again.terms[0].weight == 3.0


def test_a_function_is_no_augmentation():
    with pytest.raises(TypeError, match="`augment` has the wrong type"):
        ConsistencyRegularization(lambda images: images)


@pytest.mark.parametrize("transform", [tt.inputs.Packing(2), tt.inputs.HistoryBuffer(4), tt.inputs.AdaptiveAugment()])
def test_a_transform_that_compares_nothing_is_refused(transform):
    name = type(transform).__name__
    with pytest.raises(
        ValueError, match=rf"(?s)ConsistencyRegularization has nothing to compare with {name}.*DiffAugment"
    ):
        tiny.gan_of(terms=[ConsistencyRegularization(transform)])
