"""Half precision and XLA: the same step, finite, with everything after the logits in float32."""

import keras
import numpy as np
import pytest

import tfgan_tricks as tt
from tests.support import tiny

TRICKS = {"terms": [tt.penalties.R1(gamma=1.0, every=2), tt.penalties.WGANGP()], "inputs": [tt.inputs.InstanceNoise()]}


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_trains_to_finite_values(policy):
    keras.config.set_dtype_policy(policy)
    gan = tiny.gan_of(**TRICKS)
    history = gan.fit(tiny.dataset(), steps_per_epoch=20, verbose=0).history
    assert all(np.isfinite(value).all() for value in history.values()), history
    assert all(np.isfinite(value).all() for value in tiny.values(gan.variables))
    assert {v.dtype for v in gan.trainable_variables} == {"float32"}
    assert gan(gan.task.prior.sample(2, seed=0)).dtype == "float32"
    scaled = isinstance(gan.generator_optimizer, keras.optimizers.LossScaleOptimizer)
    assert scaled == (policy == "mixed_float16")


def test_loss_scaling_changes_neither_losses_nor_gradient_norms():
    results = []
    for policy in ("float32", "mixed_float16"):
        keras.config.set_dtype_policy(policy)
        keras.utils.set_random_seed(0)
        # A loss scale that fits: none of the first updates is skipped.
        optimizers = [keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.0)]
        if policy == "mixed_float16":
            optimizers = [keras.optimizers.LossScaleOptimizer(o, initial_scale=128.0) for o in optimizers]
        gan = tiny.gan_of(optimizers=optimizers, terms=[tt.penalties.R1(gamma=1.0)])
        results.append(gan.fit(tiny.dataset(), steps_per_epoch=2, verbose=0).history)
    for name, value in results[0].items():
        np.testing.assert_allclose(results[1][name], value, rtol=0.05, atol=0.01, err_msg=name)


def test_eager_graph_and_xla_steps_agree():
    results = []
    for arguments in ({"run_eagerly": True}, {"jit_compile": False}, {"jit_compile": True}):
        keras.utils.set_random_seed(0)
        # Not Adam: it turns a gradient of rounding errors into a step of full size.
        optimizers = keras.optimizers.SGD(1e-2), keras.optimizers.SGD(1e-2)
        # Not drawn in the step: XLA makes other uniform and normal numbers of the same random bits.
        gan = tiny.gan_of(
            terms=[tt.penalties.R1(gamma=1.0, every=2)], task=tiny.LatentsFromBatch, **arguments, optimizers=optimizers
        )
        gan.fit(tiny.with_latents(8), steps_per_epoch=3, verbose=0)
        results.append(tiny.values(gan.trainable_variables))
    for other in results[1:]:
        for mine, value in zip(results[0], other, strict=True):
            np.testing.assert_allclose(mine, value, atol=1e-5)
