"""The networks against figure 1 and section 3 of arXiv:1511.06434."""

import keras
import numpy as np
import pytest

from tfgan_tricks.architectures import dcgan


def maps(model, kind):
    return [tuple(layer.output.shape[1:]) for layer in model.layers if type(layer).__name__ == kind]


def test_figure_1():
    generator, discriminator = dcgan()
    assert maps(generator, "Reshape") == [(4, 4, 1024)]
    assert maps(generator, "Conv2DTranspose") == [(8, 8, 512), (16, 16, 256), (32, 32, 128), (64, 64, 3)]
    assert maps(discriminator, "Conv2D") == [(32, 32, 128), (16, 16, 256), (8, 8, 512), (4, 4, 1024)]


def test_parameter_count_of_figure_1():
    generator, discriminator = dcgan()
    by_hand = 100 * 4 * 4 * 1024 + 25 * (1024 * 512 + 512 * 256 + 256 * 128 + 128 * 3) + 3
    by_hand += 2 * (1024 + 512 + 256 + 128)  # batch norm: all but the output
    assert sum(np.prod(weight.shape) for weight in generator.trainable_weights) == by_hand
    by_hand = 25 * (3 * 128 + 128 * 256 + 256 * 512 + 512 * 1024) + 128 + 4 * 4 * 1024 + 1
    by_hand += 2 * (256 + 512 + 1024)  # batch norm: all but the input and the output
    assert sum(np.prod(weight.shape) for weight in discriminator.trainable_weights) == by_hand


def test_guidelines_of_section_3():
    generator, discriminator = dcgan(width=8)
    for model in (generator, discriminator):
        convolutions = [layer for layer in model.layers if "Conv" in type(layer).__name__]
        assert {(layer.kernel_size, layer.strides) for layer in convolutions} == {((5, 5), (2, 2))}
        assert not maps(model, "MaxPooling2D")
        assert not maps(model, "AveragePooling2D")
    assert len(maps(generator, "BatchNormalization")) == len(maps(generator, "ReLU")) == 4
    assert len(maps(discriminator, "BatchNormalization")) == 3
    slopes = [layer.negative_slope for layer in discriminator.layers if isinstance(layer, keras.layers.LeakyReLU)]
    assert slopes == [pytest.approx(0.2)] * 4
    kinds = [type(layer).__name__ for layer in discriminator.layers]
    assert kinds[1:4] == ["Conv2D", "LeakyReLU", "Conv2D"]  # none after the first convolution
    for model in (generator, discriminator):
        for weight in model.trainable_weights:
            if weight.name == "kernel" and np.prod(weight.shape) > 10_000:
                assert np.std(weight) == pytest.approx(0.02, rel=0.05)


@pytest.mark.parametrize(
    ("resolution", "bottom", "stages"), [(8, 4, 1), (28, 7, 2), (48, 6, 3), (80, 5, 4), (128, 4, 5)]
)
def test_other_resolutions_get_other_depths(resolution, bottom, stages):
    generator, discriminator = dcgan(resolution=resolution, channels=1, width=2, max_width=16)
    widths = [min(2 * 2**stage, 16) for stage in range(stages)]
    assert maps(generator, "Reshape") == [(bottom, bottom, widths[-1])]
    assert [shape[0] for shape in maps(generator, "Conv2DTranspose")] == [bottom * 2**k for k in range(1, stages + 1)]
    assert [shape[2] for shape in maps(discriminator, "Conv2D")] == widths
    assert generator.output_shape == (None, resolution, resolution, 1)


def test_batch_norm_of_the_discriminator_can_be_left_out():
    _, discriminator = dcgan(width=4, discriminator_batch_norm=False)
    assert not maps(discriminator, "BatchNormalization")
    assert all(layer.use_bias for layer in discriminator.layers if isinstance(layer, keras.layers.Conv2D))
