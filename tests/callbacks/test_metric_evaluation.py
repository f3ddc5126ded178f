"""Metrics while training: measured on the same latents each time, without a trace in the model; the best one stays."""

import json
import shutil

import keras
import numpy as np
import pytest
import scipy.linalg

import tfgan_tricks as tt
from tests.callbacks.tiny import BATCH, BreaksAfter, state, tiny_dataset, tiny_gan
from tfgan_tricks.callbacks import Checkpointing, MetricEvaluation, MetricsLog, StopOnNonFinite
from tfgan_tricks.callbacks.checkpoints import latest, restore
from tfgan_tricks.callbacks.generated_samples import GeneratedSamples
from tfgan_tricks.callbacks.json_lines import read_rows
from tfgan_tricks.callbacks.stop_on_non_finite import NonFiniteError
from tfgan_tricks.metrics import FID, Classifier, Identity, InceptionScore, Metric, PrecisionRecall, Samples

COUNT = 80  # more than the 64 pixels, so that covariances are of full rank
NAME = "fid[pixels,80/80,train,averaged]"


class MeanPixel(Metric):
    """A metric whose value says which weights made the images."""

    name = "mean_pixel"
    needs = "images"
    compares = False
    higher_is_better = True

    def measure(self, real, fake):
        return float(fake.images.mean()), None, {}


class Script(keras.callbacks.Callback):
    """Sets the generator's last bias at the end of each epoch of one batch: how bright its images are."""

    def __init__(self, *biases):
        super().__init__()
        self.biases = biases

    def on_epoch_end(self, epoch, logs=None):
        age = int(self.model.images_seen.numpy()) // BATCH - 1
        self.model.task.generator.layers[-1].bias.assign([self.biases[age]])


@pytest.fixture(scope="module")
def real():
    images, _ = tt.data.arrays("digits", limit=2 * COUNT)
    return Samples(images, extractor=Identity(), split="train")


def noisy_gan(**arguments):
    """Returns a tiny GAN whose generator draws noise of its own, also when it is sampled from."""
    gan = tiny_gan(**arguments)
    z = keras.Input((4,))
    x = keras.layers.Reshape((8, 8, 1))(keras.layers.Dense(64)(z))
    x = tt.layers.NoiseInjection(seed=3)(x)
    generator = keras.Model(z, keras.layers.Activation("tanh")(tt.layers.AlwaysOnDropout(0.3, seed=4)(x)))
    task = tt.tasks.Unconditional(generator, gan.task.discriminator, prior=gan.task.prior)
    averaging = tt.training.ExponentialAveraging(half_life_images=50)
    noisy = tt.training.GAN(task, averaging=averaging, seed=5)
    noisy.compile("adam", "adam", loss=tt.losses.adversarial.Hinge(), run_eagerly=True)
    return noisy


def images_by_hand(gan, count=COUNT, seed=0):
    """Returns what the averaged generator draws, as bytes in float64, one row each."""
    made = gan.predict(np.asarray(gan.task.prior.sample(count, seed=seed)), verbose=0)
    return np.rint((made.reshape(count, -1).astype("float64") + 1.0) * 127.5)


def fid_by_hand(real_rows, fake_rows):
    """Returns the Fréchet distance by scipy's matrix square root, of pixels in [-1, 1]."""
    sides = [np.asarray(rows, "float64").reshape(len(rows), -1) / 127.5 - 1.0 for rows in (real_rows, fake_rows)]
    means, covariances = [side.mean(axis=0) for side in sides], [np.cov(side, rowvar=False) for side in sides]
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1]).real
    return np.square(means[0] - means[1]).sum() + np.trace(covariances[0] + covariances[1] - 2.0 * root)


def fit(gan, *callbacks, epochs=1, first=0, steps=4):
    gan.fit(tiny_dataset().take(steps), epochs=epochs, initial_epoch=first, verbose=0, callbacks=list(callbacks))
    return gan


def chosen(real):
    """Returns the real images that a callback compares with: a random choice that is always the same."""
    return real.images[np.random.default_rng(0).permutation(real.count)[:COUNT]]


def test_the_value_is_the_distance_of_predicted_images_and_joins_the_logs(tmp_path, real):
    evaluation = MetricEvaluation(tmp_path, FID(), real, COUNT, seed=7)
    gan = fit(tiny_gan(), evaluation, MetricsLog(tmp_path / "m"), epochs=2, steps=1)
    rows = read_rows(tmp_path / "evaluations.jsonl")
    assert [(row["images_seen"], row["checkpoint"]) for row in rows] == [(8, "training"), (16, "training")]
    expected = fid_by_hand(chosen(real), images_by_hand(gan, seed=7))
    result = rows[-1]["results"][0]
    np.testing.assert_allclose(result["value"], expected, rtol=1e-4)
    assert (result["name"], result["protocol"]["seed"], result["protocol"]["weights"]) == (NAME, 7, "averaged")
    assert [row[NAME] for row in read_rows(tmp_path / "m")] == [row["results"][0]["value"] for row in rows]
    order = np.random.default_rng(0).permutation(2 * COUNT)
    shuffled = real.images[order][order]  # once by the callback and once by real_floor
    floor = rows[-1]["floors"][0]
    np.testing.assert_allclose(floor["value"], fid_by_hand(shuffled[:COUNT], shuffled[COUNT:]), rtol=1e-4)
    assert floor["name"] == "fid[pixels,80/80,train,real]"


def test_raw_weights_are_measured_on_request_and_named_so(tmp_path, real):
    gan = fit(tiny_gan(), MetricEvaluation(tmp_path, FID(), real, COUNT, weights="raw"), steps=1)
    latents = np.asarray(gan.task.prior.sample(COUNT, seed=0))
    raw = np.rint((np.asarray(gan.task.generator(latents, training=False), "float64") + 1.0) * 127.5)
    result = read_rows(tmp_path / "evaluations.jsonl")[0]["results"][0]
    np.testing.assert_allclose(result["value"], fid_by_hand(chosen(real), raw), rtol=1e-4)
    assert result["protocol"]["weights"] == "raw"
    assert abs(result["value"] - fid_by_hand(chosen(real), images_by_hand(gan))) > 1e-3


def test_a_gan_that_does_not_average_is_said_to_be_raw(real):
    gan = tt.training.GAN(tiny_gan().task)
    assert GeneratedSamples(gan, 3).weights == "raw"


@pytest.mark.parametrize("make", [tiny_gan, noisy_gan])
def test_nothing_in_the_model_moves(tmp_path, real, make):
    measured, alone = make(), make()
    assert any("seed_generator" in variable.path for variable in measured.variables)
    fit(measured, MetricEvaluation(tmp_path, FID(), real, COUNT, every_images=8), steps=3)
    fit(alone, steps=3)
    assert len(read_rows(tmp_path / "evaluations.jsonl")) == 3
    for mine, other in zip(state(measured), state(alone), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_a_last_batch_that_is_not_full_is_no_second_trace_and_many_evaluations_no_warning(caplog):
    gan = tiny_gan()
    alone = images_by_hand(gan, count=70)
    for _ in range(7):
        generated = GeneratedSamples(gan, 70)
        np.testing.assert_array_equal(generated.images().reshape(70, -1), alone)
        assert generated._generate.experimental_get_tracing_count() == 1
    assert "retracing" not in caplog.text


def test_noise_inside_the_generator_is_the_same_each_time():
    generated = GeneratedSamples(noisy_gan(), 70, seed=1)
    first = generated.images()
    np.testing.assert_array_equal(first, generated.images())
    assert (first[:6] != first[64:]).any(axis=(1, 2, 3)).all()


def rules(name, task):
    adam = keras.optimizers.Adam
    averaging = tt.training.ExponentialAveraging(half_life_images=50)
    loss = tt.losses.adversarial.NonSaturating()
    gan = getattr(tt.training, name)(task, averaging=averaging)
    optimizers = (
        (tt.training.two_time_scales(adam(1e-3), adam(1e-3)),) if name == "SingleLossGAN" else (adam(1e-3), adam(1e-3))
    )
    gan.compile(*optimizers, loss=loss, run_eagerly=True)
    return gan


@pytest.mark.parametrize("name", ["OneStageGAN", "SingleLossGAN", pytest.param("UnrolledGAN", marks=pytest.mark.slow)])
def test_every_update_rule_is_measured_and_trains_on_as_without(tmp_path, real, name):
    measured, alone = (rules(name, tiny_gan().task) for _ in range(2))
    fit(measured, MetricEvaluation(tmp_path, FID(), real, COUNT, every_images=8), steps=2)
    fit(alone, steps=2)
    for mine, other in zip(
        [variable.numpy() for variable in measured.variables],
        [variable.numpy() for variable in alone.variables],
        strict=True,
    ):
        np.testing.assert_array_equal(mine, other)
    last = read_rows(tmp_path / "evaluations.jsonl")[-1]
    np.testing.assert_allclose(
        last["results"][0]["value"], fid_by_hand(chosen(real), images_by_hand(measured)), rtol=1e-4
    )


def test_a_prior_that_takes_labels_gets_as_many_of_each():
    gan = tiny_gan()
    prior = tt.latents.PerClass((tt.latents.Normal(4, mean=-2.0), tt.latents.Normal(4, mean=2.0)))
    gan = tt.training.GAN(tt.tasks.Unconditional(gan.task.generator, gan.task.discriminator, prior))
    samples = GeneratedSamples(gan, 6, seed=2).samples(None)
    assert samples.labels.tolist() == [0, 1, 0, 1, 0, 1]
    latents = prior.sample(6, seed=2, label=samples.labels)
    expected = np.rint((gan.predict(np.asarray(latents), verbose=0) + 1.0) * 127.5)
    assert np.abs(samples.images - expected).max() <= 1


def values(folder):
    return [row["results"][0]["value"] for row in read_rows(folder / "evaluations.jsonl")]


def best_of(folder):
    return [path.name for path in sorted((folder / "best").iterdir())]


def drive(gan, callback, *biases):
    """Lets a callback see epochs of 32 images in which nothing is trained but the generator's last bias."""
    callback.set_model(gan)
    callback.on_train_begin()
    for bias in biases:
        gan.images_seen.assign_add(32)
        gan.task.generator.layers[-1].bias.assign([bias])
        callback.on_epoch_end(0, {})
    callback.on_train_end()
    return gan


def mean_pixel(folder, real, **arguments):
    return MetricEvaluation(folder, MeanPixel(), real, COUNT, weights="raw", **arguments)


@pytest.mark.parametrize(("metric", "best"), [(MeanPixel(), 64), (FID(), 96)])
def test_the_best_checkpoint_is_the_one_with_the_best_value(tmp_path, real, metric, best):
    evaluation = MetricEvaluation(tmp_path, [metric, PrecisionRecall()], real, COUNT, weights="raw")
    drive(tiny_gan(), evaluation, 0.5, 3.0, -0.5, 1.0)
    logged = values(tmp_path)
    value = (max if metric.higher_is_better else min)(logged)
    assert 32 * (logged.index(value) + 1) == best
    assert best_of(tmp_path) == [f"checkpoint-{best:012d}.keras"]
    gan = keras.models.load_model(latest(tmp_path / "best"))
    fake = GeneratedSamples(gan, COUNT, 0, "raw").samples(Identity())
    again = metric(Samples(chosen(real), extractor=Identity()), fake)
    np.testing.assert_allclose(again.value, value, rtol=1e-6)


def trained(folder, real, biases, epochs, first=0):
    gan = tiny_gan()
    if first:
        assert restore(gan, latest(folder / "checkpoints")) == BATCH * first
    watchers = Script(*biases), mean_pixel(folder, real), Checkpointing(folder / "checkpoints")
    return fit(gan, *watchers, epochs=epochs, first=first, steps=1)


slow = pytest.mark.slow
BEST_LATER, BEST_EARLIER, EACH_BETTER = (2.0, 0.0, 3.0, 1.0), (2.0, 3.0, 0.0, 1.0), (0.0, 1.0, 2.0, 3.0)


@pytest.mark.parametrize(
    "biases", [BEST_LATER, pytest.param(BEST_EARLIER, marks=slow), pytest.param(EACH_BETTER, marks=slow)]
)
def test_a_killed_run_ends_with_the_same_best_and_final_checkpoints(tmp_path, real, biases):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    final = trained(whole, real, biases, epochs=4)
    trained(killed, real, biases, epochs=3)
    (killed / "checkpoints" / "checkpoint-000000000024.keras").unlink()  # killed before it was there
    with (killed / "evaluations.jsonl").open("a") as file:
        file.write('{"images_seen": 24, "che')
    resumed = trained(killed, real, biases, epochs=4, first=2)
    for mine, other in zip(state(resumed), state(final), strict=True):
        np.testing.assert_array_equal(mine, other)
    assert (killed / "evaluations.jsonl").read_text() == (whole / "evaluations.jsonl").read_text()
    assert best_of(killed) == best_of(whole) == [f"checkpoint-{BATCH * (1 + biases.index(3.0)):012d}.keras"]
    models = [keras.models.load_model(latest(folder / "best")) for folder in (whole, killed)]
    for mine, other in zip(*(state(model) for model in models), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_what_was_best_before_stays_as_long_as_the_run_can_go_back_there(tmp_path, real):
    gan = drive(tiny_gan(), mean_pixel(tmp_path, real), 1.0)
    (tmp_path / "checkpoints").mkdir()
    shutil.copy(latest(tmp_path / "best"), tmp_path / "checkpoints")
    drive(gan, mean_pixel(tmp_path, real), 2.0)
    assert best_of(tmp_path) == ["checkpoint-000000000032.keras", "checkpoint-000000000064.keras"]
    shutil.copy(latest(tmp_path / "best"), tmp_path / "checkpoints")
    drive(gan, mean_pixel(tmp_path, real), 0.0)
    assert best_of(tmp_path) == ["checkpoint-000000000064.keras"]


def test_another_way_to_measure_begins_a_new_best(tmp_path, real):
    gan = drive(tiny_gan(), mean_pixel(tmp_path, real), 3.0)
    drive(gan, mean_pixel(tmp_path, real, seed=1), 0.0)
    assert values(tmp_path)[0] > values(tmp_path)[1]
    assert best_of(tmp_path) == ["checkpoint-000000000064.keras"]


def test_a_lost_best_checkpoint_is_told_and_replaced(tmp_path, real, caplog):
    gan = drive(tiny_gan(), mean_pixel(tmp_path, real), 3.0, 0.0)
    shutil.rmtree(tmp_path / "best")
    drive(gan, mean_pixel(tmp_path, real), 1.0)
    assert "The best checkpoint, at 32 images, is gone." in caplog.text
    assert best_of(tmp_path) == ["checkpoint-000000000096.keras"]


def test_a_lost_best_checkpoint_of_the_present_model_is_written_again(tmp_path, real):
    gan = drive(tiny_gan(), mean_pixel(tmp_path, real), 3.0)
    shutil.rmtree(tmp_path / "best")
    drive(gan, mean_pixel(tmp_path, real), 1.0)
    assert best_of(tmp_path) == ["checkpoint-000000000032.keras"]


REFUSED = {
    "too few": (FID(), {"count": 30}, "too few real samples for fid.*30 real samples.*at least 65"),
    "no classes": (InceptionScore(), {}, "does not classify"),
    "another size": (FID(), {"size": 16}, r"differ in shape.*\(16, 16, 1\), generated ones \(8, 8, 1\)"),
    "nothing": ([], {}, r"nothing to measure.*metrics=\[\]"),
    "no labels": (tt.metrics.ClassificationAccuracyScore(), {}, "needs labels of the real images"),
}


@pytest.mark.parametrize(("metric", "change", "message"), REFUSED.values(), ids=list(REFUSED))
def test_what_cannot_be_measured_is_refused_before_training(tmp_path, real, metric, change, message):
    gan = tiny_gan()
    images = np.repeat(np.repeat(real.images, 2, 1), 2, 2) if "size" in change else real.images
    samples = Samples(images, extractor=Identity(), split="train")
    with pytest.raises(ValueError, match=f"(?s){message}"):
        fit(gan, MetricEvaluation(tmp_path, metric, samples, change.get("count", COUNT)))
    assert int(gan.images_seen.numpy()) == 0
    assert list(tmp_path.iterdir()) == []


def test_values_that_come_after_those_who_write_are_warned_of(tmp_path, real, caplog):
    evaluation, log = MetricEvaluation(tmp_path, FID(), real, COUNT), MetricsLog(tmp_path / "m")
    fit(tiny_gan(), evaluation, log, steps=1)
    assert "put MetricEvaluation before" not in caplog.text
    fit(tiny_gan(), log, evaluation, steps=1)
    assert "What MetricEvaluation measures is not written by MetricsLog: put MetricEvaluation before." in caplog.text


def test_counts_of_all_metrics_are_told_before_features_are_computed(tmp_path, real):
    class Unused(Identity):
        def __call__(self, images):
            raise AssertionError("features were computed")

    samples = Samples(real.images, extractor=Unused(), split="train")
    with pytest.raises(ValueError, match=r"too few real samples for kid(.*\n)*.*KID\(subset_size=40\)"):
        fit(tiny_gan(), MetricEvaluation(tmp_path, [FID(), tt.metrics.KID()], samples, COUNT))


def test_a_classifier_that_did_not_learn_stops_before_training(tmp_path, real):
    classifier = Classifier("digits", images_seen=1, folder=tmp_path / "cache")
    gan = tiny_gan()
    with pytest.raises(ValueError, match="did not learn its data set"):
        fit(gan, MetricEvaluation(tmp_path / "run", FID(), Samples(real.images, extractor=classifier), COUNT))
    assert int(gan.images_seen.numpy()) == 0


def test_a_generator_of_nan_is_refused_before_training(tmp_path, real):
    gan = tiny_gan()
    gan.averaged["generator"].layers[-1].bias.assign([np.nan])
    with pytest.raises(ValueError, match="generated images that are not finite"):
        fit(gan, MetricEvaluation(tmp_path, FID(), real, COUNT))


def test_a_generator_of_nan_during_training_is_told_and_the_run_stops(tmp_path, real, caplog):
    evaluation = MetricEvaluation(tmp_path, MeanPixel(), real, COUNT, every_images=8)
    gan = tiny_gan(terms=[BreaksAfter(images=16, player="generator")])
    with pytest.raises(NonFiniteError):
        fit(gan, evaluation, StopOnNonFinite())
    assert "No evaluation at 24 images: There are generated images that are not finite." in caplog.text
    assert [row["images_seen"] for row in read_rows(tmp_path / "evaluations.jsonl")] == [8, 16]
    kept = keras.models.load_model(latest(tmp_path / "best"))
    assert all(np.isfinite(variable.numpy()).all() for variable in kept.variables)


def test_a_model_with_other_values_that_are_not_finite_is_measured_but_not_the_best(tmp_path, real, caplog):
    gan = tiny_gan()
    gan.discriminator_optimizer.variables[-1].assign(np.full(gan.discriminator_optimizer.variables[-1].shape, np.inf))
    drive(gan, mean_pixel(tmp_path, real), 1.0)
    (row,) = read_rows(tmp_path / "evaluations.jsonl")
    assert (row["best"], best_of(tmp_path)) == (False, [])
    assert "No best checkpoint at 32 images" in caplog.text


def test_the_smaller_images_of_a_growing_generator_are_left_out(tmp_path, real):
    large = Samples(np.repeat(np.repeat(real.images, 2, 1), 2, 2), split="train")
    drive(tiny_gan(), mean_pixel(tmp_path, large, growing=True), 1.0)
    assert read_rows(tmp_path / "evaluations.jsonl") == []


def test_two_replicas_measure_what_one_does_and_train_as_without(tmp_path, real, two_replicas):
    with two_replicas.scope():
        measured, alone = (tiny_gan(eager=False) for _ in range(2))
    fit(measured, MetricEvaluation(tmp_path, FID(), real, COUNT, every_images=8), steps=2)
    fit(alone, steps=2)
    for mine, other in zip(state(measured), state(alone), strict=True):
        np.testing.assert_array_equal(mine, other)
    rows = read_rows(tmp_path / "evaluations.jsonl")
    assert [row["images_seen"] for row in rows] == [8, 16]
    copy = tiny_gan(seed=9)
    restore(copy, latest(tmp_path / "best"))
    again = fid_by_hand(chosen(real), images_by_hand(copy))
    np.testing.assert_allclose(min(row["results"][0]["value"] for row in rows), again, rtol=1e-4)


def test_a_row_is_complete(tmp_path, real):
    drive(tiny_gan(), mean_pixel(tmp_path, real), 1.0)
    row = json.loads((tmp_path / "evaluations.jsonl").read_text())
    assert set(row) == {"images_seen", "checkpoint", "results", "floors", "best"}
    assert row["floors"][0]["protocol"]["weights"] == "real"
