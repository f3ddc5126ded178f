"""The exported generator, loaded where this package cannot be imported, against the one in this process."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tfgan_tricks.export import export_saved_model

COUNTS_AND_SEEDS = ((3, 0), (5, 7), (1, 2**31 - 1), (2, -4))

# Runs in a process of its own, from another directory, with this package and Keras out of reach.
CLIENT = """
import sys
sys.modules["tfgan_tricks"] = sys.modules["keras"] = None  # any import of them raises
import numpy as np, tensorflow as tf
answers = {}
for directory in sys.argv[3].split(","):
    served = tf.saved_model.load(directory)
    sample, serving = served.signatures["sample"], served.signatures["serving_default"]
    for count, seed in (pair.split(",") for pair in sys.argv[4:]):
        answers[directory[-1] + seed] = sample(count=tf.constant(int(count)), seed=tf.constant(int(seed)))
    answers[directory[-1]] = serving(latents=tf.constant(np.load(sys.argv[1])))
assert all(set(answer) == {"images"} for answer in answers.values())
np.savez(sys.argv[2], **{name: answer["images"].numpy() for name, answer in answers.items()})
"""


def make_gan(averaging=None, prior=None, task=tt.tasks.Unconditional):
    """Returns a GAN whose every weight and statistic is random, the averaged ones different from the live ones."""
    generator, discriminator = tt.architectures.mlp(
        resolution=8, channels=1, latent_dim=4, widths=(16,), batch_norm=True
    )
    gan = tt.training.GAN(task(generator, discriminator, prior=prior or tt.latents.Normal(4)), averaging=averaging)
    rng = np.random.default_rng(0)
    for network in (generator, *gan.averaged.values()):
        lows = [0.2 if weight.ndim == 1 else -0.5 for weight in network.get_weights()]  # variances are positive
        network.set_weights(
            [rng.uniform(low, 0.7, weight.shape) for low, weight in zip(lows, network.get_weights(), strict=True)]
        )
    return gan


AVERAGING = tt.training.ExponentialAveraging(half_life_images=20)


def test_a_fresh_process_without_the_package_draws_the_same_images(tmp_path):
    gans = {"n": make_gan(AVERAGING, tt.latents.Normal(4, stddev=0.5)), "u": make_gan(prior=tt.latents.Uniform(4))}
    for name, gan in gans.items():
        gan.export(tmp_path / name)
    latents = np.random.default_rng(1).normal(size=(6, 4)).astype("float32")
    np.save(tmp_path / "latents.npy", latents)
    pairs = [f"{count},{seed}" for count, seed in COUNTS_AND_SEEDS]
    arguments = [
        str(tmp_path / "latents.npy"),
        str(tmp_path / "answers.npz"),
        ",".join(str(tmp_path / n) for n in gans),
    ]
    environment = {"TF_CPP_MIN_LOG_LEVEL": "2", "PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    command = [sys.executable, "-I", "-c", CLIENT, *arguments, *pairs]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    answers = np.load(tmp_path / "answers.npz")
    for name, gan in gans.items():
        np.testing.assert_allclose(answers[name], gan(latents), atol=1e-6)
        for count, seed in COUNTS_AND_SEEDS:
            expected = gan(gan.task.prior.sample(count, seed=seed))
            assert expected.shape == (count, 8, 8, 1)
            np.testing.assert_allclose(answers[f"{name}{seed}"], expected, atol=1e-6)


def test_the_average_is_exported_and_the_critic_is_not(tmp_path):
    gan = make_gan(AVERAGING)
    gan.export(tmp_path)
    reader = tf.train.load_checkpoint(str(tmp_path / "variables" / "variables"))
    stored = [reader.get_tensor(name) for name in reader.get_variable_to_shape_map() if name.endswith("VARIABLE_VALUE")]
    averaged = gan.averaged["generator"].get_weights()
    assert len(stored) == len(averaged)
    for weight in averaged:
        assert any(np.array_equal(weight, value) for value in stored)
    live = gan.task.generator.get_weights()[0]
    assert not any(value.shape == live.shape and np.array_equal(live, value) for value in stored)


def test_without_averaging_the_live_generator_is_exported(tmp_path):
    gan = make_gan()
    gan.export(tmp_path)
    served = tf.saved_model.load(str(tmp_path))
    assert len(served.weights) == len(gan.task.generator.weights)
    images = served.signatures["sample"](count=tf.constant(4), seed=tf.constant(3))["images"]
    np.testing.assert_allclose(images, gan.task.generator(gan.task.prior.sample(4, seed=3), training=False), atol=1e-6)


def test_seeds_give_different_images_and_training_goes_on_after_the_export(tmp_path):
    gan = make_gan()
    gan.export(tmp_path)
    before = [weight.copy() for weight in gan.task.generator.get_weights()]
    served = tf.saved_model.load(str(tmp_path))
    first, second = (served.signatures["sample"](count=tf.constant(2), seed=tf.constant(s))["images"] for s in (1, 2))
    assert np.abs(first - second).max() > 1e-3
    gan.compile("adam", "adam", loss=tt.losses.adversarial.Hinge())
    gan.train_on_batch({"image": np.zeros((8, 8, 8, 1), "float32")})
    assert not np.array_equal(gan.task.generator.get_weights()[0], before[0])
    for exported, weight in zip(served.weights, before, strict=True):
        np.testing.assert_array_equal(exported, weight)  # a copy, which training no longer reaches


def test_a_gan_trained_on_two_replicas_or_in_mixed_precision_is_exported(tmp_path, two_replicas):
    with two_replicas.scope():
        gan = make_gan(AVERAGING)
    keras.config.set_dtype_policy("mixed_bfloat16")
    mixed = make_gan()
    for name, model, tolerance in (("replicas", gan, 1e-6), ("mixed", mixed, 0.02)):  # bfloat16 has 8 bits
        model.export(tmp_path / name)
        served = tf.saved_model.load(str(tmp_path / name))
        images = served.signatures["sample"](count=tf.constant(4), seed=tf.constant(3))["images"]
        assert images.dtype == tf.float32
        np.testing.assert_allclose(images, model(model.task.prior.sample(4, seed=3)), atol=tolerance)


def test_what_is_there_already_is_kept_and_refused(tmp_path):
    precious = tmp_path / "served" / "precious.txt"
    precious.parent.mkdir()
    precious.write_text("kept")
    for target in (precious.parent, precious):
        with pytest.raises(ValueError, match=r"(?s)something where the export would go.*Received.*Fix: choose another"):
            export_saved_model(make_gan(), target)
    assert precious.read_text() == "kept"
    assert [path.name for path in tmp_path.iterdir()] == ["served"]


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("not a directory")
    with pytest.raises(ValueError, match=r"(?s)could not be written.*file/served.*Fix"):
        make_gan().export(tmp_path / "file" / "served")


def test_a_failing_disk_leaves_nothing_behind(tmp_path, monkeypatch):
    def full_disk(module, path, signatures):
        (tf.io.gfile.GFile(path + "/half", "w")).write("half a model")
        raise tf.errors.ResourceExhaustedError(None, None, "No space left on device")

    monkeypatch.setattr(tf.saved_model, "save", full_disk)
    with pytest.raises(ValueError, match=r"(?s)could not be written.*No space left"):
        make_gan().export(tmp_path / "served")
    assert not list(tmp_path.iterdir())


def test_a_task_without_a_prior_is_refused(tmp_path):
    @keras.saving.register_keras_serializable("tests")
    class FromNothing(tt.tasks.Unconditional):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.prior = None

    with pytest.raises(TypeError, match=r"(?s)gan.task.prior.*Fix: export a GAN whose task has a prior"):
        make_gan(task=FromNothing).export(tmp_path / "served")
