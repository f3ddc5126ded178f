"""Ways between latents, and arithmetic with them."""

from keras import ops

from tfgan_tricks.checks import check_integer, explain, same_shape

SMALLEST_SINE = 1e-4  # below it, the arc between two directions is straight, or its plane is not known


def lerp(a, b, t):
    """Returns the point at t on the straight line from a to b: (1 - t)·a + t·b.

    In many dimensions the middle of the line is much shorter than its ends, and shorter than anything that a generator
    trained on Gaussian latents has seen; `slerp` is the better way.

    **Source**: White, 2016, arXiv:1609.04468, section 2.1.

    **Differs from the paper**: no.

    Args:
        a: latents [..., dim].
        b: latents of the same shape.
        t: number, or a tensor that multiplies with the latents, such as [n, 1].

    Returns:
        latents [..., dim]; exactly a at t = 0 and b at t = 1.

    **Cost**: none.

    **Combines badly with**: priors on a sphere, and Gaussian latents of many dimensions; use `slerp`.

    Example:

    >>> np.asarray(tfgan_tricks.latents.lerp(np.array([[0.0, 2.0]]), np.array([[4.0, 0.0]]), 0.25)).tolist()
    [[1.0, 1.5]]
    """
    a, b = _pair(a, b)
    return (1.0 - t) * a + t * b


def slerp(a, b, t):
    """Returns the point at t on the arc from a to b: sin((1 - t)ω)/sin ω · a + sin(tω)/sin ω · b, ω the angle between.

    Between latents of one length every point has that length. For parallel and opposite latents, where sin ω = 0, it is
    `lerp`: the same points in the first case; the line through 0 in the second, where no arc is nearer than another.

    **Source**: White, 2016, arXiv:1609.04468, section 2.1.

    **Differs from the paper**: what happens where sin ω = 0 is said here.

    Args:
        a: latents [..., dim].
        b: latents of the same shape.
        t: number, or a tensor that multiplies with the latents, such as [n, 1].

    Returns:
        latents [..., dim]; exactly a at t = 0 and b at t = 1.

    **Cost**: none.

    **Combines badly with**: discrete latents, between which there is nothing.

    Example:

    >>> middle = tfgan_tricks.latents.slerp(np.array([[3.0, 0.0]]), np.array([[0.0, 3.0]]), 0.5)
    >>> round(float(np.linalg.norm(middle)), 4)
    3.0
    """
    a, b = _pair(a, b)
    u, v = (x / ops.maximum(ops.norm(x, axis=-1, keepdims=True), 1e-12) for x in (a, b))
    # Exact at small and at large angles, where arccos(⟨u, v⟩) is not.
    angle = 2.0 * ops.arctan2(ops.norm(u - v, axis=-1, keepdims=True), ops.norm(u + v, axis=-1, keepdims=True))
    sine = ops.sin(angle)  # [..., 1]
    curved = sine > SMALLEST_SINE
    safe = ops.where(curved, sine, 1.0)
    arc = ops.sin((1.0 - t) * angle) / safe * a + ops.sin(t * angle) / safe * b
    return ops.where(curved, arc, lerp(a, b, t))


def great_circle_path(a, b, steps: int):
    """Returns points at equal angles on the arc from a to b, both ends included; `slerp` says what else happens.

    **Source**: White, 2016, arXiv:1609.04468, section 2.1.

    **Differs from the paper**: no.

    Args:
        a: latents [..., dim].
        b: latents of the same shape.
        steps: number of points, at least 2.

    Returns:
        latents [steps, ..., dim].

    **Cost**: none.

    **Combines badly with**: discrete latents, between which there is nothing.

    Example:

    >>> tuple(tfgan_tricks.latents.great_circle_path(np.ones((3, 8)), -np.eye(3, 8), steps=5).shape)
    (5, 3, 8)
    """
    check_integer("steps", steps, at_least=2)
    return ops.stack([slerp(a, b, step / (steps - 1)) for step in range(steps)])


def analogy(a, b, c):
    """Returns mean(a) - mean(b) + mean(c): "a is to b as the result is to c".

    The mean over several latents of one concept (smiling women, neutral women, neutral men) is what carries it; single
    latents do not.

    **Source**: Radford et al., 2016, arXiv:1511.06434, section 6.3.2.

    **Differs from the paper**: no.

    Args:
        a: latents of the first concept, [n, dim]; the numbers of latents may differ.
        b: latents that share with `a` what is to be taken away.
        c: latents that the rest of `a` is added to.

    Returns:
        one latent, [dim].

    **Cost**: none.

    **Combines badly with**: priors on a sphere, which the sum leaves.

    Example:

    >>> a, b, c = np.array([[5.0, 1.0], [5.0, 3.0]]), np.array([[1.0, 2.0]]), np.array([[0.0, 4.0]])
    >>> np.asarray(tfgan_tricks.latents.analogy(a, b, c)).tolist()
    [4.0, 4.0]
    """
    first, second, third = (ops.mean(ops.cast(latents, "float32"), axis=0) for latents in (a, b, c))
    return first - second + third


def _pair(a, b):
    a, b = ops.convert_to_tensor(a), ops.convert_to_tensor(b)
    if not same_shape(a.shape, b.shape):
        raise ValueError(
            explain(
                "The two ends differ in shape.",
                received=f"{tuple(a.shape)} and {tuple(b.shape)}",
                expected="latents of one shape, [..., dim]",
                fix="draw both from one prior, as many of each.",
            )
        )
    return a, b
