"""Advice names both parts, says what happens and what to do, and cites who found it; sound combinations get none."""

import re

import keras
import pytest

import tfgan_tricks as tt
from tests.support import tiny
from tfgan_tricks.configuration import advise

losses, penalties = tt.losses.adversarial, tt.penalties
CLIP = tt.constraints.ClipWeights(0.01)


def plain_networks(mixing=None, generator_activation="tanh", critic_activation=None, layer=keras.layers.Dense):
    """Returns networks without batch norm or spectral norm, or with one layer that mixes examples."""
    latents, images = keras.Input((tiny.LATENTS,)), keras.Input((8, 8, 1))
    x = keras.layers.Reshape((8, 8, 1))(keras.layers.Dense(64)(latents))
    generator = keras.Model(latents, keras.layers.Activation(generator_activation)(x))
    x = keras.layers.Flatten()(images)
    x = mixing(x) if mixing else x
    return generator, keras.Model(images, layer(1, activation=critic_activation)(x))


def gan_of(networks, **arguments):
    gan = tt.training.GAN(tt.tasks.Unconditional(*networks, tt.latents.Normal(tiny.LATENTS)))
    discriminator = arguments.pop("optimizer", keras.optimizers.RMSprop(1e-3))
    gan.compile(keras.optimizers.Adam(1e-3), discriminator, **{"loss": losses.Hinge(), **arguments})
    return gan


@pytest.mark.parametrize(
    ("networks", "arguments", "parties", "year"),
    [
        (
            {},
            {"loss": losses.Wasserstein(), "weight_constraint": CLIP, "optimizer": keras.optimizers.Adam(1e-3)},
            "ClipWeights.*beta_1=0.9",
            "1701.07875",
        ),
        (
            {},
            {"weight_constraint": CLIP, "optimizer": keras.optimizers.SGD(1e-3, momentum=0.5)},
            "ClipWeights.*momentum=0.5",
            "1701.07875",
        ),
        ({}, {"loss": losses.Wasserstein()}, "Wasserstein.*without any bound", "1701.07875"),
        (
            {"mixing": keras.layers.BatchNormalization()},
            {"terms": [penalties.WGANGP()]},
            "WGANGP.*BatchNormalization",
            "1704.00028",
        ),
        ({}, {"terms": [penalties.R1(), penalties.WGANGP()]}, "R1.*WGANGP", "1801.04406"),
        ({}, {"loss": losses.NonSaturating(fake_smoothing=0.1)}, "NonSaturating.*fake_smoothing=0.1", "1606.03498"),
        ({}, {"loss": losses.Minimax()}, "Minimax", "1406.2661"),
        (
            {},
            {"terms": [penalties.WassersteinDivergence(), penalties.R1()]},
            "WassersteinDivergence.*R1",
            "1712.01026",
        ),
        (
            {"layer": tt.layers.SpectralNormDense},
            {"weight_constraint": CLIP},
            "ClipWeights.*SpectralNormDense",
            "1802.05957",
        ),
        (
            {"layer": tt.layers.SpectralNormDense},
            {"terms": [penalties.SpectralNormRegularization()]},
            "SpectralNormRegularization.*SpectralNormDense",
            "1802.05957",
        ),
        (
            {},
            {"loss": losses.Relativistic(losses.NonSaturating(label_smoothing=0.1))},
            "Relativistic.*label_smoothing=0.1",
            "1807.00734",
        ),
        (
            {"mixing": tt.layers.MinibatchDiscrimination(2, 3)},
            {"terms": [penalties.DRAGAN()]},
            "DRAGAN.*MinibatchDiscrimination",
            "1704.00028",
        ),
        (
            {},
            {"loss": losses.Relativistic(losses.NonSaturating()), "inputs": [tt.inputs.AdaptiveAugment()]},
            "AdaptiveAugment.*Relativistic",
            "2006.06676",
        ),
        (
            {"mixing": tt.layers.VirtualBatchNorm(name="norm")},
            {},
            "discriminator's layer 'norm'.*no reference batch",
            "1606.03498",
        ),
        (
            {},
            {"loss": losses.LabelFlip(losses.NonSaturating(fake_smoothing=0.2))},
            "LabelFlip.*fake_smoothing=0.2",
            "1606.03498",
        ),
        (
            {},
            {"loss": losses.GradientRatio(losses.Wasserstein()), "terms": [tt.losses.image.TotalVariation()]},
            "Wasserstein.*without any bound",
            "1701.07875",
        ),
        (
            {},
            {"loss": losses.LeastSquares(), "inputs": [tt.inputs.AdaptiveAugment()]},
            "AdaptiveAugment.*LeastSquares",
            "2006.06676",
        ),
        ({"critic_activation": "sigmoid"}, {}, "discriminator's last layer.*sigmoid", "design"),
    ],
)
def test_a_known_bad_combination_is_named_with_its_source(networks, arguments, parties, year):
    (advice,) = advise(gan_of(plain_networks(**networks), **arguments))
    assert re.search(parties, " ".join(advice.parties)), advice.parties
    assert year in advice.source
    for part in (*advice.parties, advice.reason, advice.fix, advice.source):
        assert part in str(advice)


@pytest.mark.parametrize(
    ("networks", "arguments"),
    [
        ({}, {}),
        ({}, {"loss": losses.Wasserstein(), "weight_constraint": CLIP}),
        (
            {},
            {"weight_constraint": CLIP, "optimizer": keras.optimizers.Adam(1e-3, beta_1=0.0)},
        ),
        ({}, {"loss": losses.Wasserstein(), "terms": [penalties.WGANGP()]}),
        ({"layer": tt.layers.SpectralNormDense}, {"loss": losses.Wasserstein()}),
        ({"mixing": keras.layers.LayerNormalization()}, {"terms": [penalties.WGANGP()]}),
        ({"mixing": keras.layers.BatchNormalization()}, {}),
        ({}, {"loss": losses.LeastSquares(a=-1.0), "inputs": [tt.inputs.AdaptiveAugment()]}),
        ({}, {"loss": losses.Relativistic(losses.NonSaturating()), "terms": [penalties.R1(), penalties.R2()]}),
        ({}, {"loss": losses.NonSaturating(label_smoothing=0.1), "terms": [penalties.R1(gamma=1.0, every=16)]}),
    ],
)
def test_a_sound_combination_gets_no_advice(networks, arguments):
    assert advise(gan_of(plain_networks(**networks), **arguments)) == []


def test_a_generator_that_ends_in_a_sigmoid_is_noticed():
    (advice,) = advise(gan_of(plain_networks(generator_activation="sigmoid")))
    assert "generator" in advice.parties[0]
    assert "tanh" in advice.fix


def test_a_virtual_batch_norm_that_was_adapted_gets_no_advice():
    networks = plain_networks(mixing=tt.layers.VirtualBatchNorm())
    tt.layers.adapt_virtual_batch_norms(networks[1], tiny.images(16))
    assert advise(gan_of(networks)) == []


def test_old_images_in_packs_are_noticed():
    latents, images = keras.Input((tiny.LATENTS,)), keras.Input((8, 8, 2))
    generator = keras.Model(
        latents, keras.layers.Reshape((8, 8, 1))(keras.layers.Dense(64, activation="tanh")(latents))
    )
    critic = keras.Model(images, keras.layers.Dense(1)(keras.layers.Flatten()(images)))
    (advice,) = advise(gan_of((generator, critic), inputs=[tt.inputs.HistoryBuffer(8), tt.inputs.Packing(2)]))
    assert advice.parties == ("HistoryBuffer", "Packing")


@pytest.mark.parametrize("rule", [tt.training.OneStageGAN, tt.training.SingleLossGAN])
def test_a_linear_game_with_both_players_moving_at_once_is_noticed(rule):
    def advice(terms):
        gan = rule(tt.tasks.Unconditional(*plain_networks(), tt.latents.Normal(tiny.LATENTS)))
        gan.compile(loss=losses.Wasserstein(), terms=terms)
        return [found for found in advise(gan) if found.parties[0] == rule.__name__]

    (found,) = advice([penalties.WGANGP()])
    assert "1801.04406" in found.source
    assert advice([penalties.R1()]) == []


@pytest.mark.parametrize(
    ("virtual", "optimizer", "noticed"),
    [
        ("sgd", keras.optimizers.Adam(1e-4), True),
        ("adam", keras.optimizers.Adam(1e-4), False),
        (tt.training.VirtualSGD(0.1), keras.optimizers.Adam(1e-4), False),
        ("sgd", keras.optimizers.SGD(0.1), False),
    ],
)
def test_virtual_descent_at_an_adaptive_rate_is_noticed(virtual, optimizer, noticed):
    task = tt.tasks.Unconditional(*plain_networks(), tt.latents.Normal(tiny.LATENTS))
    gan = tt.training.UnrolledGAN(task, unroll=2, virtual_optimizer=virtual)
    gan.compile("sgd", optimizer, loss=losses.Hinge())
    found = [advice.source for advice in advise(gan)]
    assert found == (["Kingma and Ba, 2015, arXiv:1412.6980, section 2.1"] if noticed else [])
