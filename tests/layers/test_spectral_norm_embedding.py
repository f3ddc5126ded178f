"""What is particular to the embedding; the rest is in test_spectral_norm*.py."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.layers import SpectralNormEmbedding


def test_table_and_vector_are_those_of_torch():
    torch = pytest.importorskip("torch")
    layer = SpectralNormEmbedding(7, 4)
    layer.build((None,))
    other = torch.nn.Embedding(7, 4)
    other.weight.data = torch.tensor(layer.embeddings.numpy())
    other = torch.nn.utils.parametrizations.spectral_norm(other, n_power_iterations=200)
    np.testing.assert_allclose(layer.normalized_kernel(), other.weight.detach().numpy(), rtol=1e-4, atol=1e-5)
    theirs = other.parametrizations.weight[0]._u.numpy()
    assert layer.u.shape == theirs.shape == (7,)
    assert abs(layer.u.numpy() @ theirs) == pytest.approx(1.0, abs=1e-4)


def test_floats_are_read_as_integers_and_zeros_are_masked_as_keras_does():
    layer = SpectralNormEmbedding(5, 3, mask_zero=True)
    rows = layer(np.array([[4.0, 0.0, 2.0]], "float32"))
    np.testing.assert_array_equal(rows, layer(np.array([[4, 0, 2]])))
    np.testing.assert_array_equal(keras.src.backend.get_keras_mask(rows), [[True, False, True]])


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_rounds_the_table_once_after_the_division(policy):
    layer = SpectralNormEmbedding(7, 4, dtype=policy)
    labels = np.arange(7)
    rows = layer(labels)
    assert keras.backend.standardize_dtype(rows.dtype) == policy.removeprefix("mixed_")
    table = layer.embeddings.numpy()
    exact = table / np.linalg.svd(table.astype("float64"), compute_uv=False)[0]
    precision = 2**-8 if policy == "mixed_bfloat16" else 2**-10
    np.testing.assert_allclose(np.asarray(keras.ops.cast(rows, "float32")), exact, rtol=precision, atol=1e-6)


@pytest.mark.parametrize("index", [-1, 5, 5.0])
def test_refuses_an_index_out_of_range_where_its_value_can_be_read(index):
    layer = SpectralNormEmbedding(5, 3)
    with pytest.raises(ValueError, match=rf"(?s)out of range.*Received: {int(index)} for input_dim=5\n.*from 0 to 4"):
        layer(np.array([[0, index], [4, 2]]))
    inputs = np.array([[0, 3], [4, 2]])
    rows = tf.function(layer, input_signature=[tf.TensorSpec((None, None), "int32")])(inputs.astype("int32"))
    np.testing.assert_allclose(rows, np.asarray(layer.normalized_kernel())[inputs], rtol=1e-6)


def test_refuses_values_that_would_come_before_the_vector():
    with pytest.raises(ValueError, match=r"(?s)weights=.*embeddings_initializer"):
        SpectralNormEmbedding(2, 2, weights=[np.eye(2)])


@pytest.mark.parametrize("method", ["quantize", "enable_lora"])
def test_refuses_what_would_bypass_the_division(method):
    layer = SpectralNormEmbedding(5, 3)
    layer.build((None,))
    with pytest.raises(NotImplementedError, match="does not support"):
        getattr(layer, method)("int8")
    with pytest.raises(NotImplementedError, match="LoRA"):
        SpectralNormEmbedding(5, 3, lora_rank=1).build((None,))
