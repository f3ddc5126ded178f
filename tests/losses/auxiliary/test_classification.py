"""`Classification` against cross-entropies image by image."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support.adversarial import softplus
from tests.support.differences import check_slopes
from tfgan_tricks.losses.auxiliary import Classification
from tfgan_tricks.types import Match

REAL, FAKE = (np.random.default_rng(seed).normal(scale=2.0, size=(5, 3)) for seed in (0, 1))
LABELS = {"real_label": np.array([2, 0, 1, 1, 0]), "fake_label": np.array([1, 1, 0, 2, 2])}
ATTRIBUTES = {side: np.random.default_rng(seed).integers(2, size=(5, 3)) for side, seed in (("real", 3), ("fake", 4))}


def match_of(player, real=REAL, fake=FAKE, **aux) -> Match:
    outputs = {"real_out": {"class_logits": real}, "fake_out": {"class_logits": fake}}
    return Match(real=None, fake=None, player=player, aux={**LABELS, **aux}, **outputs)


def cross_entropy(logits, labels) -> float:
    """Mean over the labelled rows of -log softmax."""
    rows = [np.log(np.exp(row).sum()) - row[label] for row, label in zip(logits, labels, strict=True) if label >= 0]
    return float(np.mean(rows)) if rows else 0.0


@pytest.mark.parametrize(("sides", "real_counts", "fake_counts"), [("both", 1, 1), ("split", 1, 0), ("real", 1, 0)])
def test_the_discriminator_learns_from_the_sides_it_should(sides, real_counts, fake_counts):
    term = Classification(sides)
    expected = real_counts * cross_entropy(REAL, LABELS["real_label"])
    expected += fake_counts * cross_entropy(FAKE, LABELS["fake_label"])
    assert float(term(match_of("discriminator"))) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("sides", ["both", "split"])
def test_the_generator_is_paid_for_its_own_images_alone(sides):
    term = Classification(sides, weight=2.0)
    check_slopes(
        lambda fake: term(match_of("generator", fake=fake)),
        lambda fake: 2.0 * cross_entropy(fake, LABELS["fake_label"]),
        FAKE,
    )


def test_the_semi_supervised_form_leaves_the_generator_alone():
    assert Classification("real").players == ("discriminator",)
    assert Classification("both").players == Classification("split").players == ("discriminator", "generator")


@pytest.mark.parametrize("labels", [(2, -1, 1, -1, 0), (-1, -1, -1, 2, -1), (-1,) * 5])
def test_unlabelled_images_are_left_out(labels):
    term = Classification("real")

    def computed(logits):
        return term(match_of("discriminator", real=logits, real_label=np.array(labels)))

    if max(labels) < 0:
        logits = tf.constant(REAL, tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(logits)
            value = computed(logits)
        assert float(value) == 0.0
        assert np.all(tape.gradient(value, logits) == 0.0)
    else:
        check_slopes(computed, lambda logits: cross_entropy(logits, labels), REAL)


def test_replicas_take_the_mean_over_all_labelled_images(two_replicas):
    labels = np.array([2, -1, 1, -1, -1, 0], "int32")  # two of three, one of three
    logits = np.random.default_rng(5).normal(size=(6, 3)).astype("float32")
    parts = two_replicas.experimental_distribute_values_from_function(
        lambda context: tuple(tf.constant(v[3 * context.replica_id_in_sync_group :][:3]) for v in (logits, labels))
    )

    def share(pair):
        return Classification("real")(match_of("discriminator", real=pair[0], real_label=pair[1])) / 2.0

    shares = tf.function(lambda: two_replicas.run(share, args=(parts,)))()
    total = sum(float(value) for value in two_replicas.experimental_local_results(shares))
    assert total == pytest.approx(cross_entropy(logits, labels), rel=1e-5)


def test_patches_are_averaged_and_scales_summed():
    patches = np.random.default_rng(6).normal(size=(5, 2, 4, 3))
    by_patch = [cross_entropy(patches[:, i, j], LABELS["real_label"]) for i, j in np.ndindex(2, 4)]
    expected = np.mean(by_patch) + cross_entropy(REAL, LABELS["real_label"])
    received = Classification("real")(match_of("discriminator", real=[patches, REAL]))
    assert float(received) == pytest.approx(expected, rel=1e-5)


def test_attributes_are_sigmoid_cross_entropies_summed():
    known = ATTRIBUTES["real"].copy()
    known[1] = -1  # an image without labels
    known[3, 2] = -1  # an image with one label missing
    term = Classification("split", multi_label=True)

    def by_attribute(logits) -> float:
        total = 0.0
        for i, k in np.ndindex(5, 3):
            total += {1: softplus(-logits[i, k]), 0: softplus(logits[i, k]), -1: 0.0}[int(known[i, k])]
        return total / 4  # images with labels

    check_slopes(lambda logits: term(match_of("discriminator", real=logits, real_label=known)), by_attribute, REAL)


@pytest.mark.parametrize("sure", [100.0, 1e6])
def test_sure_logits_stay_finite(sure):
    logits = tf.constant(sure * np.sign(REAL), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        value = Classification("real")(match_of("discriminator", real=logits))
    assert np.isfinite(value)
    assert np.isfinite(tape.gradient(value, logits)).all()


def test_missing_labels_and_heads_are_errors():
    with pytest.raises(ValueError, match=r"Classification finds no 'fake_label'[\s\S]*generates by class"):
        Classification()(Match(real=None, fake=None, fake_out={"class_logits": FAKE}, player="generator"))
    with pytest.raises(ValueError, match=r"no 'class_logits' among what 'discriminator' says of real images"):
        Classification()(Match(real=None, fake=None, aux=LABELS, player="discriminator"))


@pytest.mark.parametrize(("multi_label", "label"), [(False, ATTRIBUTES["real"]), (True, LABELS["real_label"])])
def test_labels_of_the_other_kind_are_an_error(multi_label, label):
    with pytest.raises(ValueError, match=f"labels of another kind[\\s\\S]*multi_label={not multi_label}"):
        Classification("real", multi_label=multi_label)(match_of("discriminator", real_label=label))


@keras.saving.register_keras_serializable("tests")
class RecallsImages(tt.inputs.InputTransform):
    """Shows past images."""

    def call(self, images, training=False, images_seen=0, seed=None):
        return images

    def recall(self, fake, seed, critic="discriminator"):
        return fake


@pytest.mark.parametrize("sides", ["both", "split", "real"])
def test_packs_are_refused_and_past_images_where_their_labels_count(sides):
    def partners(transform):
        return tt.parts.Partners(task=None, loss=None, inputs=[transform])

    term = Classification(sides)
    with pytest.raises(ValueError, match="Classification cannot work with Packing"):
        term.check_partners(partners(tt.inputs.Packing(2)))
    if sides == "real":
        term.check_partners(partners(RecallsImages()))
    else:
        with pytest.raises(ValueError, match="Classification cannot work with RecallsImages"):
            term.check_partners(partners(RecallsImages()))


def test_an_unknown_choice_of_sides_is_an_error():
    with pytest.raises(ValueError, match="Unknown value for `sides`"):
        Classification("fake")
