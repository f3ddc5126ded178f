"""What the wrappers must keep of the layer they wrap: state, seeds, losses, masks, precision, errors."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.layers import (
    EqualizedConv2D,
    EqualizedDense,
    SpectralNormalization,
    SpectralNormDense,
    WeightNormalization,
)
from tfgan_tricks.training.stateless import frozen, with_weights

each_wrapper = pytest.mark.parametrize("wrapper", [SpectralNormalization, WeightNormalization])
INPUTS = np.random.default_rng(0).normal(size=(6, 5)).astype("float32")


@keras.saving.register_keras_serializable("tests")
class Stateful(keras.layers.Layer):
    """A dense layer without `compute_output_shape` that counts, averages, drops and regularises."""

    def build(self, input_shape):
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], 3))
        self.scale = self.add_weight(name="scale", shape=(3,), initializer="ones")
        self.count = self.add_weight(name="count", shape=(), dtype="int32", initializer="zeros", trainable=False)
        self.mean = self.add_weight(name="mean", shape=(3,), initializer="zeros", trainable=False)
        self.seed_generator = keras.random.SeedGenerator(1)

    def call(self, inputs, training=False):
        outputs = keras.ops.matmul(inputs, self.kernel) * self.scale
        if training:
            self.count.assign_add(1)
            self.mean.assign(0.75 * self.mean + 0.25 * keras.ops.cast(keras.ops.mean(outputs, axis=0), "float32"))
            self.add_loss(keras.ops.sum(outputs))
            outputs = outputs + 0 * keras.random.normal((3,), seed=self.seed_generator, dtype=outputs.dtype)
        return outputs


class TwoShapes(keras.layers.Layer):
    """A layer that must know a second shape before it can be built."""

    def build(self, one_shape, other_shape):
        self.kernel = self.add_weight(name="kernel", shape=(one_shape[-1], other_shape[-1]))

    def call(self, inputs):
        return keras.ops.matmul(inputs, self.kernel)


def seed_of(layer) -> np.ndarray:
    return layer.layer.seed_generator.state.numpy()


@each_wrapper
@pytest.mark.parametrize(
    "compiled",
    [lambda step: step, tf.function, lambda step: tf.function(step, jit_compile=True)],
    ids=["eager", "graph", "xla"],
)
def test_state_and_seeds_of_the_layer_move_once_per_training_call(wrapper, compiled):
    layer = wrapper(Stateful())
    layer.build((None, 5))
    kernel = layer.kernel.numpy()
    step = compiled(lambda training: layer(INPUTS, training=training))
    seed = seed_of(layer)
    expected = np.zeros(3)
    for _ in range(2):
        outputs = step(True)
        expected = 0.75 * expected + 0.25 * np.mean(outputs, axis=0)
    step(False)
    assert int(layer.layer.count) == 2
    np.testing.assert_allclose(layer.layer.mean, expected, rtol=1e-5)
    assert not np.array_equal(seed_of(layer), seed)
    np.testing.assert_array_equal(layer.kernel, kernel)


@each_wrapper
def test_a_stateless_call_sees_the_given_values_of_all_variables_and_moves_none(wrapper):
    layer = wrapper(Stateful())
    layer.build((None, 5))
    before = [variable.numpy() for variable in layer.variables]
    trainable = [variable.value + 0 for variable in layer.trainable_variables]
    state = [variable.value + 0 for variable in layer.non_trainable_variables]
    place = [variable is layer.layer.scale for variable in layer.trainable_variables].index(True)
    halved = [value / 2 if index == place else value for index, value in enumerate(trainable)]
    whole, moved = layer.stateless_call(trainable, state, INPUTS, training=True)
    half, _ = layer.stateless_call(halved, state, INPUTS, training=True)
    np.testing.assert_allclose(half, np.asarray(whole) / 2, rtol=1e-5, atol=1e-6)
    again, _ = layer.stateless_call(trainable, moved, INPUTS, training=True)
    assert again.shape == whole.shape
    for variable, value in zip(layer.variables, before, strict=True):
        np.testing.assert_array_equal(variable, value)
    names = [variable.name for variable in layer.non_trainable_variables]
    assert int(moved[names.index("count")]) == 1
    np.testing.assert_allclose(moved[names.index("mean")], 0.25 * np.mean(whole, axis=0), rtol=1e-5)


@each_wrapper
def test_frozen_and_virtual_weights_as_the_training_step_uses_them(wrapper):
    inputs = keras.Input((5,))
    network = keras.Model(inputs, keras.layers.Dense(1)(wrapper(Stateful())(inputs)))
    before = [variable.numpy() for variable in network.variables]
    images = tf.constant(INPUTS)
    with tf.GradientTape() as tape:
        tape.watch(images)
        weights = [variable.value for variable in network.trainable_variables]
        value = tf.reduce_sum(frozen(network)(images, training=True))
        virtual = tf.reduce_sum(with_weights(network, [2.0 * weight for weight in weights])(images, training=True))
        total = value + virtual
    to_images, *to_weights = tape.gradient(total, [images, *weights])
    assert float(tf.norm(to_images)) > 0
    assert all(float(tf.norm(gradient)) > 0 for gradient in to_weights[1:])  # through the virtual weights alone
    for variable, old in zip(network.variables, before, strict=True):
        np.testing.assert_array_equal(variable, old)


@each_wrapper
def test_losses_of_the_layer_are_counted_once(wrapper):
    plain = keras.Sequential([keras.layers.Dense(3, activity_regularizer=keras.regularizers.L2(0.5))])
    for inner in (Stateful(), plain, keras.layers.Dense(3, activity_regularizer=keras.regularizers.L2(0.5))):
        layer = wrapper(inner)
        layer.build((None, 5))
        for _ in range(2):
            outputs = np.asarray(layer(INPUTS, training=True))
            is_own = isinstance(inner, Stateful)
            expected = outputs.sum() if is_own else 0.5 * np.sum(outputs**2) / len(outputs)
            assert [float(loss) for loss in layer.losses] == pytest.approx([expected], rel=1e-4)
        values = [[v.value for v in group] for group in (layer.trainable_variables, layer.non_trainable_variables)]
        outputs, _, losses = layer.stateless_call(*values, INPUTS, training=True, return_losses=True)
        outputs = np.asarray(outputs)
        expected = outputs.sum() if is_own else 0.5 * np.sum(outputs**2) / len(outputs)
        assert [float(loss) for loss in losses] == pytest.approx([expected], rel=1e-4)


@each_wrapper
def test_a_regularizer_of_the_layer_sees_the_stored_kernel(wrapper):
    layer = wrapper(keras.layers.Dense(3, kernel_regularizer=keras.regularizers.L2(2.0)))
    layer(INPUTS)
    assert [float(loss) for loss in layer.losses] == pytest.approx([2.0 * np.sum(layer.kernel.numpy() ** 2)])


@each_wrapper
def test_masks_are_those_of_the_layer(wrapper):
    layer = wrapper(keras.layers.Embedding(5, 3, mask_zero=True))
    rows = layer(np.array([[1, 0, 2]]))
    np.testing.assert_array_equal(keras.src.backend.get_keras_mask(rows), [[True, False, True]])
    after = wrapper(keras.layers.Dense(2))(rows)
    np.testing.assert_array_equal(keras.src.backend.get_keras_mask(after), [[True, False, True]])


@each_wrapper
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16", "bfloat16", "float64"])
def test_the_layer_gets_the_float32_kernel_rounded_once_to_its_compute_type(wrapper, policy):
    low = policy.removeprefix("mixed_")
    inner = Stateful(dtype=policy)
    layer = wrapper(inner)
    layer.build((None, 5))
    seen = []
    call = inner.call
    inner.call = lambda x, training=False: seen.append((x, inner.kernel.value)) or call(x, training)
    outputs = layer(INPUTS)
    assert layer.compute_dtype == inner.compute_dtype == low
    assert {keras.backend.standardize_dtype(tensor.dtype) for tensor in (*seen[0], outputs)} == {low}
    full = "float64" if policy == "float64" else "float32"
    exact = layer.normalized_kernel()
    assert keras.backend.standardize_dtype(exact.dtype) == full
    np.testing.assert_array_equal(keras.ops.cast(seen[0][1], "float64"), keras.ops.cast(exact, low).numpy())


@each_wrapper
def test_statistics_are_not_rounded_on_their_way_through_the_scope(wrapper):
    inner = Stateful(dtype="mixed_bfloat16")
    layer = wrapper(inner)
    layer.build((None, 5))
    inner.mean.assign([1.0001, 2.0002, 3.0003])  # no bfloat16 is that precise
    before = inner.mean.numpy()
    layer(INPUTS)
    np.testing.assert_array_equal(inner.mean, before)
    trainable = [v.value for v in layer.trainable_variables]
    _, state = layer.stateless_call(trainable, [v.value for v in layer.non_trainable_variables], INPUTS)
    names = [variable.name for variable in layer.non_trainable_variables]
    np.testing.assert_array_equal(state[names.index("mean")], before)


@each_wrapper
def test_a_wrapper_of_another_type_returns_that_type(wrapper):
    layer = wrapper(keras.layers.Dense(3, dtype="mixed_bfloat16"), dtype="float32")
    outputs = layer(INPUTS)
    assert outputs.dtype == "float32"
    assert layer(keras.Input((5,))).dtype == "float32"
    assert not np.array_equal(outputs, wrapper(keras.layers.Dense(3))(INPUTS))


@each_wrapper
def test_two_replicas_run_the_layer_with_its_own_statistics(wrapper, two_replicas):
    with two_replicas.scope():
        layer = wrapper(keras.Sequential([keras.layers.Dense(3), keras.layers.BatchNormalization(momentum=0.5)]))
        layer.build((None, 5))
    parts = two_replicas.experimental_distribute_values_from_function(
        lambda context: tf.constant(INPUTS[3 * context.replica_id_in_sync_group :][:3])
    )

    def train(x):
        return layer(x, training=True)

    tf.function(lambda: two_replicas.run(train, args=(parts,)))()
    kernel = np.asarray(layer.normalized_kernel())
    means = layer.layer.layers[1].moving_mean.value.values  # Keras does not average them either
    for mean, half in zip(means, (INPUTS[:3], INPUTS[3:]), strict=True):
        np.testing.assert_allclose(mean, 0.5 * (half @ kernel).mean(0), rtol=1e-4, atol=1e-5)


@each_wrapper
def test_keras_file_restores_the_state_of_wrapper_and_layer(wrapper, tmp_path):
    inputs = keras.Input((5,))
    model = keras.Model(inputs, wrapper(Stateful(), name="wrapped")(inputs))
    for _ in range(2):
        model(INPUTS, training=True)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again(INPUTS), model(INPUTS))
    for one, other in zip(model.weights, again.weights, strict=True):
        assert one.name == other.name
        np.testing.assert_array_equal(one, other)


@each_wrapper
def test_one_of_several_kernels_is_chosen_by_the_end_of_its_path(wrapper):
    recurrent = keras.layers.GRU(3)
    layer = wrapper(recurrent, weight_name="gru_cell/kernel")
    sequences = np.random.default_rng(0).normal(size=(2, 4, 5)).astype("float32")
    outputs = layer(sequences)
    assert layer.kernel is recurrent.cell.kernel
    assert layer.output_axes == (1,)
    recurrent.cell.kernel.assign(layer.normalized_kernel())
    np.testing.assert_allclose(outputs, recurrent(sequences), rtol=1e-5, atol=1e-6)


@each_wrapper
def test_an_axis_may_be_named_by_hand(wrapper):
    layer = wrapper(keras.layers.Conv1D(4, 3), axis=(-1, 0))
    layer.build((None, 9, 2))
    assert layer.output_axes == (0, 2)
    vector = layer.u if wrapper is SpectralNormalization else layer.g
    assert np.size(vector) == 3 * 4


@each_wrapper
@pytest.mark.parametrize(
    ("make", "error", "match"),
    [
        (lambda w: w("dense"), TypeError, "`layer`"),
        (lambda w: w(keras.layers.Dense(2), weight_name=3), TypeError, "`weight_name`"),
        (lambda w: w(keras.layers.Dense(2), axis="last"), TypeError, "`axis`"),
        (lambda w: w(keras.layers.ReLU()), ValueError, r"ReLU has no .*\n.*none(?s:.*)wrap a layer that has a kernel"),
        (lambda w: w(keras.layers.Dense(2), weight_name="depthwise_kernel"), ValueError, "'depthwise_kernel'"),
        (lambda w: w(keras.layers.LSTM(2)), ValueError, r"(?s)more than one.*recurrent_kernel.*weight_name=\.\.\."),
        (lambda w: w(keras.layers.Dense(2), axis=2), ValueError, r"(?s)axis=2 .*\(5, 2\).*from -2 to 1"),
        (lambda w: w(keras.layers.Dense(2), axis=(-1, 1)), ValueError, "different axes"),
        (lambda w: w(SpectralNormDense(2)), ValueError, r"(?s)already.*SpectralNormDense"),
        (lambda w: w(keras.layers.SpectralNormalization(keras.layers.Dense(2))), ValueError, "already"),
        (lambda w: w(WeightNormalization(keras.layers.Dense(2))), ValueError, r"(?s)already.*WeightNormalization"),
        (lambda w: w(keras.Sequential([SpectralNormDense(2)])), ValueError, "already"),
        (lambda w: w(EqualizedDense(2)), ValueError, r"(?s)scales.*a EqualizedDense\n.*as it is stored"),
        (lambda w: w(keras.Sequential([EqualizedConv2D(2, 3)])), ValueError, r"(?s)scales.*a EqualizedConv2D\n"),
        (lambda w: w(keras.layers.MultiHeadAttention(2, 3)), ValueError, r"(?s)one input.*`call` needs query, value"),
        (lambda w: w(keras.layers.GRUCell(2)), ValueError, r"(?s)GRUCell.*`call` needs inputs, states"),
        (lambda w: w(TwoShapes()), ValueError, r"(?s)TwoShapes.*`build` needs one_shape, other_shape"),
        (lambda w: w(keras.layers.Dense(2, lora_rank=1)), NotImplementedError, "LoRA"),
        (lambda w: w(keras.layers.Dense(2, dtype="int8_from_float32")), NotImplementedError, "quantization"),
    ],
)
def test_refuses(wrapper, make, error, match):
    with pytest.raises(error, match=match):
        make(wrapper).build((None, 4, 5) if match.endswith(r"weight_name=\.\.\.") else (None, 5))
