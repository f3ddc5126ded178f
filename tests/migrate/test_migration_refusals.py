"""What does not fit is refused with what was got, and nothing is loaded; what is not read is told."""

import re
import shutil
import warnings

import h5py
import keras
import numpy as np
import pytest

from tests.migrate import addons_networks as networks
from tests.migrate.addons_networks import GOLDEN, write_h5
from tfgan_tricks import layers
from tfgan_tricks.migrate import load_addons_weights

ARRAY = np.random.default_rng(0).normal(size=(4, 4)).astype("float32")
DENSE = {"kernel": ARRAY, "bias": ARRAY[0]}
SPECTRAL = {**DENSE, "sn_u": ARRAY[:1]}
WEIGHT_NORM = {"g": ARRAY[1], **DENSE, "initialized": np.array(True)}
NORM = {"gamma": ARRAY[0], "beta": ARRAY[1]}
IMAGES = (6, 6, 4)


def model_of(*parts: keras.Layer, shape=(4,)) -> keras.Model:
    return keras.Sequential([keras.Input(shape), *parts])


def refusal(model, path, **options) -> str:
    """Returns the text of the refusal, after seeing that no weight changed."""
    before = [np.asarray(weight) for weight in model.weights]
    with pytest.raises(ValueError) as caught:  # noqa: PT011, the caller looks at the text
        load_addons_weights(model, path, **options)
    for old, weight in zip(before, model.weights, strict=True):
        np.testing.assert_array_equal(old, weight)
    text = str(caught.value)
    assert all(f"\n  {part}: " in text for part in ("Received", "Expected", "Fix"))
    return text


def test_a_missing_file_is_refused(tmp_path):
    assert "nothing to read" in refusal(model_of(keras.layers.Dense(4)), tmp_path / "weights.h5")


def test_a_file_in_another_format_is_refused(tmp_path):
    (tmp_path / "model.keras").write_bytes(b"PK\3\4")
    text = refusal(model_of(keras.layers.Dense(4)), tmp_path / "model.keras")
    assert "neither an H5 file nor a checkpoint" in text
    assert 'model.save("model.h5")' in text


def test_an_h5_file_in_the_layout_of_keras_3_is_refused(tmp_path):
    model = model_of(keras.layers.Dense(4))
    model.save_weights(tmp_path / "x.weights.h5")
    assert "newer layout" in refusal(model, tmp_path / "x.weights.h5")


def test_an_empty_h5_file_is_refused(tmp_path):
    h5py.File(tmp_path / "x.h5", "w").close()
    assert "nothing in it" in refusal(model_of(keras.layers.Dense(4)), tmp_path / "x.h5")


def test_something_that_is_no_model_is_refused():
    with pytest.raises(TypeError, match="the network itself"):
        load_addons_weights(keras.layers.Dense(4), GOLDEN / "critic_model.h5")


def test_a_model_without_weights_yet_is_refused():
    text = refusal(keras.Sequential([keras.layers.Dense(4, name="late")]), GOLDEN / "critic_model.h5")
    assert "not built: late" in text


def test_layers_left_over_on_either_side_are_listed_with_their_shapes():
    shorter = keras.Sequential(networks.critic().layers[:4])
    text = refusal(shorter, GOLDEN / "critic_model.h5")
    assert "4 layers" in text
    assert "3 in the model" in text
    assert re.search(r"spectral_normalization_3 .*kernel \(96, 2\).*->  \(nothing\)", text)
    longer = keras.Sequential([keras.Input((8, 8, 2)), *networks.critic().layers, keras.layers.Dense(3)])
    assert re.search(r"\(nothing\)  ->  dense.*kernel \(2, 3\)", refusal(longer, GOLDEN / "critic_model.h5"))


def test_every_pair_that_does_not_fit_is_listed():
    model = networks.critic()
    other = keras.Sequential(
        [
            keras.Input((8, 8, 2)),
            layers.SpectralNormConv2D(4, 5, strides=2, padding="same"),
            model.layers[1],
            layers.SpectralNormConv2D(6, 3, padding="same", use_bias=False),
            *model.layers[3:],
        ]
    )
    text = refusal(other, GOLDEN / "critic_weights.h5")
    assert "kernel is (3, 3, 2, 4) there and (5, 5, 2, 4) here" in text
    assert "nothing here takes bias" in text


def test_parts_of_a_checkpoint_are_named_when_all_of_it_is_too_much():
    text = refusal(networks.critic(), GOLDEN / "gan_checkpoint")
    assert "`part`: critic, generator, generator_optimizer" in text


@pytest.mark.parametrize(("file", "known"), [("gan_checkpoint", "critic"), ("conditional_weights.h5", "features")])
def test_an_unknown_part_is_refused_with_the_nearest_one(file, known):
    assert f"did you mean '{known}'?" in refusal(networks.critic(), GOLDEN / file, part=known[:-1])


def test_a_plain_layer_does_not_take_the_place_of_a_normalised_one_unasked(tmp_path):
    plain = model_of(keras.layers.Dense(4))
    path = write_h5(tmp_path / "x.h5", {"a": SPECTRAL})
    assert "is not spectral-normalised" in refusal(plain, path)
    path = write_h5(tmp_path / "y.h5", {"a": WEIGHT_NORM})
    assert "is not weight-normalised" in refusal(plain, path)
    load_addons_weights(plain, path, fold=True)
    expected = ARRAY[1] * ARRAY / np.linalg.norm(ARRAY, axis=0)
    np.testing.assert_allclose(plain.layers[0].kernel, expected, rtol=1e-6)


def test_a_spectral_normalised_layer_does_not_take_a_plain_one(tmp_path):
    path = write_h5(tmp_path / "x.h5", {"a": DENSE})
    assert "the file has no u" in refusal(model_of(layers.SpectralNormDense(4)), path)


@pytest.mark.parametrize(
    ("layer", "advice"),
    [
        (lambda: layers.SpectralNormConv2DTranspose(4, 3), 'convention="adjoint"'),
        (lambda: layers.SpectralNormalization(keras.layers.Conv2DTranspose(4, 3)), "axis=-1"),
    ],
)
def test_a_transposed_convolution_in_torchs_convention_is_refused_though_all_shapes_agree(tmp_path, layer, advice):
    kernel = np.random.default_rng(1).normal(size=(3, 3, 4, 4)).astype("float32")
    path = write_h5(tmp_path / "x.h5", {"a": {**SPECTRAL, "kernel": kernel}})
    text = refusal(model_of(layer(), shape=IMAGES), path)
    assert "another spectral norm" in text
    assert advice in text


def test_weight_norm_of_a_transposed_convolution_along_its_filters_is_refused_though_all_shapes_agree(tmp_path):
    kernel = np.random.default_rng(1).normal(size=(3, 3, 4, 4)).astype("float32")
    path = write_h5(tmp_path / "x.h5", {"a": {**WEIGHT_NORM, "kernel": kernel}})
    wrapped = layers.WeightNormalization(keras.layers.Conv2DTranspose(4, 3))
    assert "pass axis=-1" in refusal(model_of(wrapped, shape=IMAGES), path)


def test_weight_norm_that_was_never_called_is_refused(tmp_path):
    path = write_h5(tmp_path / "x.h5", {"a": {**WEIGHT_NORM, "initialized": np.array(False)}})
    text = refusal(model_of(layers.WeightNormalization(keras.layers.Dense(4))), path)
    assert "saved before its first call" in text


def test_a_layer_of_addons_without_a_counterpart_is_refused_by_name(tmp_path):
    frn = {name: array.reshape(1, 1, 1, 4) for name, array in NORM.items()}
    path = write_h5(tmp_path / "x.h5", {"filter_response_normalization": frn})
    text = refusal(model_of(layers.InstanceNorm(epsilon=1e-3), shape=IMAGES), path)
    assert "filter_response_normalization (FilterResponseNormalization)" in text
    assert "gamma is (1, 1, 1, 4) there" in text


def test_layer_norm_does_not_take_the_weights_of_instance_norm_though_all_shapes_agree(tmp_path):
    path = write_h5(tmp_path / "x.h5", {"instance_normalization_7": NORM})
    text = refusal(model_of(keras.layers.LayerNormalization(), shape=IMAGES), path)
    assert "a InstanceNormalization needs a InstanceNorm or a GroupNormalization" in text
    text = refusal(model_of(keras.layers.GroupNormalization(2), shape=IMAGES), path)
    assert "pass groups=-1" in text


def test_settings_that_change_the_output_must_agree_where_the_file_has_them():
    model = networks.generator(norm=lambda: layers.InstanceNorm())
    assert "epsilon=1e-05 here, 0.001 there" in refusal(model, GOLDEN / "generator_model.h5")
    transposed = lambda: layers.SpectralNormConv2DTranspose(4, 4, padding="same", convention="adjoint")  # noqa: E731
    text = refusal(networks.generator(transposed=transposed), GOLDEN / "generator_model.h5")
    assert "strides=(1, 1) here, (2, 2) there" in text
    model = networks.generator()
    model.layers[-1].layer.activation = keras.activations.sigmoid
    assert "activation='sigmoid' here, 'tanh' there" in refusal(model, GOLDEN / "generator_model.h5")


def test_settings_inside_nested_models_must_agree_too():
    model = networks.conditional()
    model.get_layer("features").layers[1].epsilon = 1e-5
    assert "epsilon=1e-05 here, 0.001 there" in refusal(model, GOLDEN / "conditional_model.h5")


def test_settings_that_the_file_does_not_tell_are_warned_of():
    model = networks.generator(norm=lambda: layers.InstanceNorm())
    with pytest.warns(UserWarning, match="does not tell its epsilon"):
        report = load_addons_weights(model, GOLDEN / "gan_checkpoint", part="generator")
    assert "here it is 1e-05" in report.notes[0]


def test_settings_without_effect_at_inference_are_warned_of():
    model = networks.critic()
    model.layers[0].power_iterations = 5
    with pytest.warns(UserWarning, match="power_iterations is 5 here and was 1"):
        load_addons_weights(model, GOLDEN / "critic_model.h5")


def test_nothing_is_warned_of_when_all_agrees():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = load_addons_weights(networks.critic(), GOLDEN / "critic_model.h5")
    assert report.notes == ()


def test_the_report_tells_what_was_not_read():
    report = load_addons_weights(networks.generator(), GOLDEN / "gan_checkpoint", part="generator")
    assert {"critic", "generator_optimizer", "weight_normalization/data_dep_init/kernel"} <= set(report.skipped)
    text = str(report)
    assert "dense/kernel <- dense/kernel" in text
    assert "not read: critic: not the part" in text
    assert "sigma of spectral_norm_conv2d_transpose" in text


def test_layers_can_be_paired_by_name(tmp_path):
    two = {"kernel": ARRAY + 1.0, "bias": ARRAY[2]}
    path = write_h5(tmp_path / "x.h5", {"a": DENSE, "b": two})
    model = model_of(keras.layers.Dense(4, name="first"), keras.layers.Dense(4, name="second"))
    load_addons_weights(model, path)
    np.testing.assert_array_equal(model.get_layer("first").kernel, ARRAY)
    load_addons_weights(model, path, names={"b": "first"})
    np.testing.assert_array_equal(model.get_layer("first").kernel, ARRAY + 1.0)
    np.testing.assert_array_equal(model.get_layer("second").kernel, ARRAY)
    assert "the file has no 'c'" in refusal(model, path, names={"c": "first"})
    assert "the model has no 'third'" in refusal(model, path, names={"a": "third"})
    assert "2 layers" not in refusal(model, path, names={"a": "first", "b": "first"})


def test_the_same_names_in_another_order_could_mean_either_and_are_refused(tmp_path):
    path = write_h5(tmp_path / "x.h5", {"b": DENSE, "a": DENSE})
    model = model_of(keras.layers.Dense(4, name="a"), keras.layers.Dense(4, name="b"))
    assert "in another order" in refusal(model, path)
    load_addons_weights(model, path, names={"a": "a", "b": "b"})


def test_long_lists_of_names_are_read_in_all_their_chunks(tmp_path):
    path = write_h5(tmp_path / "x.h5", {"a": SPECTRAL, "b": DENSE}, chunks=True)
    model = model_of(layers.SpectralNormDense(4), keras.layers.Dense(4))
    assert len(load_addons_weights(model, path).assigned) == 5


@pytest.mark.parametrize("form", ["prefix", "index", "directory", "saved_model"])
def test_a_checkpoint_may_be_given_in_every_form_in_which_people_give_it(tmp_path, form):
    folder = tmp_path / "variables" if form == "saved_model" else tmp_path
    name = "variables" if form == "saved_model" else "ckpt-3"
    folder.mkdir(exist_ok=True)
    for end in ("index", "data-00000-of-00001"):
        shutil.copy(GOLDEN / f"conditional_checkpoint.{end}", folder / f"{name}.{end}")
    (tmp_path / "checkpoint").write_text('model_checkpoint_path: "ckpt-3"\n')
    path = {"prefix": folder / name, "index": folder / f"{name}.index"}.get(form, tmp_path)
    model = networks.conditional()
    assert len(load_addons_weights(model, path).assigned) == len(model.weights)


def test_depthwise_kernels_go_by_another_name_in_keras_3(tmp_path):
    kernel = np.random.default_rng(0).normal(size=(3, 3, 4, 1)).astype("float32")
    path = write_h5(tmp_path / "x.h5", {"a": {"depthwise_kernel": kernel, "bias": ARRAY[0]}})
    model = model_of(keras.layers.DepthwiseConv2D(3), shape=IMAGES)
    report = load_addons_weights(model, path)
    np.testing.assert_array_equal(model.layers[0].kernel, kernel)
    assert report.assigned[model.layers[0].kernel.path] == "a/depthwise_kernel"
