"""A one-stage step hands each player the gradient of the simultaneous update, whichever way it takes."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.support import rich_task, tiny
from tests.support.simultaneous import (
    assert_alike,
    batch_of,
    both,
    convolved,
    critic_of,
    gan_of,
    gradients_of,
    scored,
)

A = tt.losses.adversarial
GAMES = {
    "non_saturating": A.NonSaturating(),
    "smoothed": A.NonSaturating(label_smoothing=(0.7, 1.2), fake_smoothing=0.1),
    "minimax": A.Minimax(),
    "wasserstein": A.Wasserstein(),
    "least_squares": A.LeastSquares(a=-1.0, b=1.5, c=0.5),
    "hinge": A.Hinge(),
    "flipped": A.LabelFlip(A.NonSaturating(), probability=0.3),
    "began": A.BEGAN(),
    "ebgan": A.EBGAN(margin=0.5),
    "semi_supervised": A.SemiSupervised(label_smoothing=0.1),
    "ratio": A.GradientRatio(A.Hinge(), share=0.3),
    "relativistic": A.Relativistic(A.NonSaturating()),
    "relativistic_minimax": A.Relativistic(A.Minimax()),
    "relativistic_average": A.Relativistic(A.Hinge(), mode="average"),
    "relativistic_average_squares": A.Relativistic(A.LeastSquares(a=-1.0, b=1.0, c=1.0), mode="average"),
    **{
        kind: A.FDivergence(kind, saturating=kind in ("kl", "pearson", "gan"))
        for kind in ("kl", "reverse_kl", "pearson", "squared_hellinger", "jensen_shannon", "gan")
    },
}
TERMS = [tt.losses.auxiliary.Reconstruction(weight=0.5), tt.losses.image.TotalVariation(weight=0.1)]


def check(gan, backward_passes: int, batch=None) -> dict:
    """Holds a GAN to the definition, and returns its gradients."""
    assert gan.backward_passes == backward_passes, gan.two_passes_because
    mine, wanted = both(gan, batch or batch_of())
    assert all(any(np.abs(g).max() > 0 for g in wanted[player] if g is not None) for player in wanted)
    assert_alike(mine, wanted)
    return mine


@pytest.mark.parametrize("game", GAMES)
def test_every_game_with_one_logit_takes_one_pass_and_gives_the_gradients_of_two_tapes(game):
    networks = (
        critic_of(lambda images: scored(convolved(images), rich_task.CLASSES)) if game == "semi_supervised" else None
    )
    gan = gan_of(GAMES[game], TERMS if game == "ratio" else [], networks)
    for variable in gan.adversarial_loss.variables:
        variable.assign(0.3)  # BEGAN's k
    check(gan, 1)


def test_the_ratio_of_gradients_is_the_same_on_one_pass_and_two():
    """The twin uses the loss's own balance; here it is NumPy's: b + a·share·‖b‖/‖a‖, in the images."""
    a, b, balanced = (
        gradients_of(gan_of(*arguments), batch_of())["generator"]
        for arguments in ((A.Hinge(), []), (A.Wasserstein(), TERMS), (A.GradientRatio(A.Hinge(), 0.3), TERMS))
    )
    # Both losses push the generator alike, so b is what the terms add; one scalar explains all variables.
    terms = [with_terms - alone for with_terms, alone in zip(b, a, strict=True)]
    game = [x - y for x, y in zip(balanced, terms, strict=True)]
    factor = np.sum(game[0] * a[0]) / np.sum(a[0] * a[0])
    assert factor > 0.0
    for found, alone in zip(game, a, strict=True):
        np.testing.assert_allclose(found, factor * alone, atol=2e-5 * np.abs(found).max())


@pytest.mark.parametrize(
    ("terms", "game"),
    [
        ([tt.penalties.R1(gamma=2.0), tt.penalties.R2(gamma=0.5)], A.NonSaturating()),
        ([tt.penalties.WGANGP(weight=3.0)], A.Wasserstein()),
        ([tt.penalties.ConsistencyRegularization(tt.inputs.InstanceNoise(0.3))], A.Hinge()),
        ([tt.penalties.OrthogonalRegularization(weight=0.1), tt.penalties.HistoricalAveraging()], A.Hinge()),
        ([tt.losses.auxiliary.CycleConsistency(), tt.losses.auxiliary.Identity(), *TERMS], A.NonSaturating()),
        ([tt.losses.auxiliary.Classification(sides="real")], A.Hinge()),
        ([tt.penalties.LeCam(weight=2.0)], A.Hinge()),
    ],
    ids=["zero_centred", "line", "consistency", "weights", "images", "real_classes", "lecam"],
)
def test_terms_of_either_player_ride_along(terms, game):
    gan = gan_of(game, terms)
    for variable, value in zip(gan.terms[0].variables if game == A.Hinge() else [], (0.3, -0.2, 1.0), strict=False):
        variable.assign(keras.ops.full(variable.shape, value))  # LeCam's averages, or a past of the weights
    check(gan, 1)


@pytest.mark.parametrize(
    ("inputs", "channels"),
    [
        ([tt.inputs.InstanceNoise(0.2)], 1),
        ([tt.inputs.DiffAugment("translation,cutout")], 1),
        ([tt.inputs.AdaptiveAugment(initial_probability=0.5)], 1),
        ([tt.inputs.Packing(2)], 2),
        ([tt.inputs.InstanceNoise(0.2), tt.inputs.Packing(4)], 4),
        ([keras.layers.GaussianNoise(0.3, seed=1)], 1),
    ],
    ids=["noise", "diff_augment", "adaptive", "packs", "noisy_packs", "keras_noise"],
)
def test_input_transforms_draw_once_for_both_players(inputs, channels):
    gan = gan_of(
        A.NonSaturating(), networks=critic_of(lambda images: scored(convolved(images)), channels), inputs=inputs
    )
    check(gan, 1)


def test_spectral_norm_regularisers_and_dropout_in_the_critic_are_shared():
    def body(images):
        x = tt.layers.SpectralNormConv2D(4, 3, kernel_regularizer=keras.regularizers.L2(0.1))(images)
        return scored(keras.layers.Dropout(0.5, seed=3)(keras.layers.LeakyReLU(0.1)(x)))

    check(gan_of(A.NonSaturating(), networks=critic_of(body)), 1)


def shifted(weight: float, bias: float, game=None):
    """Returns a GAN whose critic's logits are scaled and shifted, and the logits of its first generated images."""
    gan = gan_of(game or A.Hinge())
    head = next(la for la in gan.task.discriminator.layers if tuple(getattr(la, "kernel", np.zeros(1)).shape) == (6, 1))
    kernel, offset = head.variables
    kernel.assign(kernel * weight)
    offset.assign([bias])
    (match,) = gan.task.matches(batch_of(), batch_of()["latents"], gan.task.generator(batch_of()["latents"]))
    return gan, gan.task.discriminator(match.fake)["logits"].numpy().ravel()


def test_images_beyond_the_hinges_margin_still_teach_the_generator():
    gan, logits = shifted(3.0, -1.0)
    assert 0 < np.sum(logits < -1.0) < len(logits)
    check(gan, 1)


def test_where_all_generated_images_are_beyond_the_margin_the_critics_gradient_is_exact():
    gan, logits = shifted(1.0, -20.0)
    assert (logits < -1.0).all()
    mine = check(gan, 1)
    # Real images are not told apart, so the critic's last bias feels them alone: -1 each.
    assert any(g is not None and g.shape == (1,) and g[0] == -1.0 for g in mine["discriminator"])


def test_where_nothing_teaches_the_critic_its_gradient_is_exactly_zero():
    def body(images):
        return keras.layers.Dense(1, kernel_initializer="ones")(keras.layers.Flatten()(images))

    generator, critic = critic_of(body)
    generator.layers[1].bias.assign(np.full(tiny.RESOLUTION**2, -1.0))
    gan = gan_of(A.Hinge(), networks=(generator, critic))
    batch = {**batch_of(), "image": tf.ones((8, 8, 8, 1))}
    mine, wanted = both(gan, batch)
    assert all((g == 0.0).all() for g in mine["discriminator"])
    assert all(np.abs(g).max() > 0 for g in mine["generator"])
    assert_alike(mine, wanted)


@pytest.mark.parametrize("game", [A.NonSaturating(), A.FDivergence("jensen_shannon", False)], ids=["softplus", "js"])
@pytest.mark.parametrize("scale", [30.0, 300.0])
def test_a_sure_critic_has_derivatives_of_every_size(game, scale):
    gan, logits = shifted(scale, -scale, game)
    assert logits.min() < -0.5 * scale
    check(gan, 1)


def with_batch_norm(images):
    # Scaled by 0 at first, as residual branches often are: only noise on the weights shows that images are mixed.
    norm = keras.layers.BatchNormalization(gamma_initializer="zeros")
    return scored(convolved(images)) + scored(norm(convolved(images)))


FALLBACKS = {
    "patches": (lambda images: keras.layers.Conv2D(1, 2)(convolved(images)), [], "more than one logit"),
    "scales": (
        lambda images: {"logits": [scored(images), scored(keras.layers.AveragePooling2D(2)(images))]},
        [],
        "more than one logit",
    ),
    "batch_norm": (with_batch_norm, [], "by others of its batch"),
    "deviation": (lambda images: scored(tt.layers.MinibatchStd(4)(convolved(images))), [], "by others of its batch"),
    "discrimination": (
        lambda images: scored(tt.layers.MinibatchDiscrimination(3, 2)(scored(convolved(images), 5))),
        [],
        "by others of its batch",
    ),
    "features": (None, [tt.losses.auxiliary.FeatureMatching()], "FeatureMatching reads more"),
    "pulling_away": (None, [tt.losses.auxiliary.PullingAway(weight=1.0)], "PullingAway reads more"),
    "code": (None, [tt.losses.auxiliary.MutualInformation()], "MutualInformation reads more"),
    "classes": (None, [tt.losses.auxiliary.Classification()], "Classification reads more"),
}


@pytest.mark.parametrize("case", FALLBACKS)
def test_what_one_pass_cannot_do_two_passes_do_exactly(case):
    body, terms, reason = FALLBACKS[case]
    gan = gan_of(A.NonSaturating(), [*terms, tt.penalties.R1(gamma=0.5)], critic_of(body) if body else None)
    assert reason in gan.two_passes_because
    check(gan, 2)


def test_two_passes_balance_gradients_too():
    gan = gan_of(A.GradientRatio(A.NonSaturating()), [*TERMS, tt.losses.auxiliary.PullingAway(weight=1.0)])
    check(gan, 2)


def test_one_pass_would_be_wrong_where_two_are_taken():
    """The other way round: the reasons for a second pass are reasons."""
    for case in ("batch_norm", "deviation", "discrimination"):
        gan = gan_of(A.NonSaturating(), [], critic_of(FALLBACKS[case][0]))
        if case == "batch_norm":
            next(la for la in gan.task.discriminator.layers if "normalization" in la.name).gamma.assign([1.0] * 4)
        gan.backward_passes = 1
        mine, wanted = both(gan, batch_of())
        with pytest.raises(AssertionError, match="generator"):
            assert_alike(mine, wanted, tolerance=1e-4)


def test_a_step_of_gradient_descent_moves_both_players_from_the_same_weights():
    gan = gan_of(A.Hinge(), TERMS)
    _, wanted = both(gan, batch_of())
    gan.seed_generator.state.assign([0, 0])
    before = {player: tiny.values(gan.variables_of(player)) for player in wanted}
    gan.train_on_batch(batch_of())
    for player, gradients in wanted.items():
        for old, new, g in zip(before[player], tiny.values(gan.variables_of(player)), gradients, strict=True):
            np.testing.assert_allclose(new, old if g is None else old - 0.1 * g, rtol=1e-5, atol=1e-7)


def test_gradients_flow_by_example_with_the_closed_form_of_a_scalar_game():
    """G(z) = θ, D(x) = ψ·x, Wasserstein: ψ ← ψ + η(x̄ - θ) and θ ← θ + ηψ, with the old ψ."""
    start = keras.initializers.Constant
    latents, images = keras.Input((1,)), keras.Input((1, 1, 1))
    made = keras.layers.Dense(1, kernel_initializer="zeros", bias_initializer=start(0.5))(latents)
    judged = keras.layers.Dense(1, use_bias=False, kernel_initializer=start(2.0))(keras.layers.Flatten()(images))
    networks = keras.Model(latents, keras.layers.Reshape((1, 1, 1))(made)), keras.Model(images, judged)
    gan = tt.training.OneStageGAN(tt.tasks.Unconditional(*networks, tt.latents.Normal(1)))
    gan.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1), loss=A.Wasserstein(), jit_compile=False)
    gan.train_on_batch({"image": np.array([1.0, 3.0], "float32").reshape(2, 1, 1, 1)})
    np.testing.assert_allclose(tiny.values(networks[1].trainable_variables)[0].item(), 2.0 + 0.1 * 1.5, rtol=1e-6)
    np.testing.assert_allclose(tiny.values(networks[0].trainable_variables)[1].item(), 0.5 + 0.1 * 2.0, rtol=1e-6)
