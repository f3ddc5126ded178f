"""Partial convolution."""

import keras
from keras import ops

from tfgan_tricks.checks import explain, same_shape
from tfgan_tricks.layers.image_convolution import ImageConvolution, check_images, refuse


@keras.saving.register_keras_serializable("tfgan_tricks")
class PartialConv2D(ImageConvolution, keras.layers.Conv2D):
    """Convolution over the known pixels only, that also says which pixels of its output are known.

    For inpainting, where a plain convolution would mix the colour that fills the holes into the result. After enough
    layers the mask is 1 everywhere.

    With the window's pixels x and their mask m: y = φ(Wᵀ(x ⊙ m) · sum(1)/sum(m) + b) and new mask 1 where
    sum(m) > 0; y = 0 and new mask 0 elsewhere. sum(1) counts the whole window, at the borders too: what lies outside
    of the image is a hole. So a plain all-one mask gives a plain convolution, whose borders are scaled up.

    **Source**: Liu et al., 2018, arXiv:1804.07723, section 3.1, equations 1 and 2; borders as in section 3.2.

    **Differs from the paper**: no. The output in holes is 0 for any φ and b, also for a φ with φ(0) ≠ 0.

    Args:
        filters: number of output channels, at least 1.
        kernel_size: integer or pair.
        strides: integer or pair.
        padding: "valid" or "same"; "same" adds holes around the image.
        **kwargs: arguments of `keras.layers.Conv2D` (dilation_rate, activation, use_bias, ...), except groups.

    Call arguments:
        inputs: list of the images, a float tensor, and their mask, a tensor of zeros (hole) and ones (known). The
            mask is a constant to the gradient. Images must be finite in the holes too.

    Input shape: [(n, h, w, c), (n, h, w, 1) or (n, h, w, c)]. With one mask per channel, sums run over channels too.

    Output shape: tuple of (n, new h, new w, filters) and (n, new h, new w, 1): the new mask is the same for all
    channels. Where branches with different masks are concatenated, repeat each mask as often as its branch has
    channels and concatenate them too.

    **Cost**: a convolution, and one from 1 to 1 channel for the mask.

    **Combines badly with**: batch normalisation right after it, whose statistics count the zeros in the holes.

    Example:

    >>> images, mask = np.ones((1, 8, 8, 3), "float32"), np.ones((1, 8, 8, 1), "float32")
    >>> mask[:, 2:6, 2:6] = 0.0
    >>> layer = tfgan_tricks.layers.PartialConv2D(4, 3, padding="same")
    >>> outputs, known = layer([images, mask])
    >>> tuple(outputs.shape), int(np.sum(1 - mask)), int(np.sum(1 - np.asarray(known)))
    ((1, 8, 8, 4), 16, 4)
    """

    def __init__(self, filters, kernel_size, strides=(1, 1), padding="valid", **kwargs):
        super().__init__(filters, kernel_size, strides, padding, **kwargs)
        if self.groups != 1:
            fix = "use one layer per group of channels and concatenate."
            refuse("PartialConv2D", f"groups={self.groups}", "groups=1: one count of known pixels per window", fix)

    def build(self, input_shape):
        images, _ = self._check_pair(input_shape, input_shape)
        super().build(images)

    def call(self, inputs):
        images, mask = inputs
        self._check_pair(inputs, [images.shape, mask.shape])
        self.check_inputs(images.shape)
        mask = ops.stop_gradient(ops.cast(mask, self.compute_dtype))
        outputs = self.convolution_op(images * mask, self.kernel)  # [n, new h, new w, filters]
        count = self._count(mask)
        known = count > 0.5  # whole numbers, up to the rounding of a fast convolution
        window = self.kernel_size[0] * self.kernel_size[1] * mask.shape[-1]
        outputs = outputs * ops.cast(window / ops.maximum(count, 1.0), self.compute_dtype)
        if self.bias is not None:
            outputs = ops.add(outputs, self.bias)
        if self.activation is not None:
            outputs = self.activation(outputs)
        known = ops.cast(known, self.compute_dtype)
        return outputs * known, known

    def _count(self, mask):
        """Returns the number of known values under each window, at least in float32, where it is exact."""
        dtype = keras.backend.result_type(self.compute_dtype, "float32")
        per_pixel = ops.sum(ops.cast(mask, dtype), axis=-1, keepdims=True)  # [n, h, w, 1]
        return self.convolution_op(per_pixel, ops.ones((*self.kernel_size, 1, 1), dtype))  # [n, new h, new w, 1]

    def compute_output_shape(self, input_shape):
        several = isinstance(input_shape[0], list | tuple)  # Conv2D.build asks with the shape of the images alone
        outputs = super().compute_output_shape(input_shape[0] if several else input_shape)
        return outputs, (*outputs[:-1], 1)

    def _check_pair(self, inputs, shapes):
        """Raises `ValueError` unless the shapes are those of images and of a mask for them."""
        pair = [tuple(shape) for shape in shapes] if len(inputs) == 2 else None
        if pair is not None:
            images, mask = pair
            check_images("PartialConv2D", images)
            if same_shape(mask, (*images[:-1], 1)) or same_shape(mask, images):
                return pair
        raise ValueError(
            explain(
                "PartialConv2D is called on images and a mask of theirs.",
                received=f"inputs of shape {inputs if pair is None else pair}",
                expected="a list of two: images (n, h, w, c) and a mask (n, h, w, 1) or (n, h, w, c)",
                fix="call layer([images, mask]), with 1 where a pixel is known and 0 in holes.",
            )
        )
