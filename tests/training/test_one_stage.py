"""A one-stage GAN chooses its way, works as little as it says, and is a GAN in all else."""

import collections
import contextlib
import dataclasses
import logging as python_logging

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_tricks as tt
from tests.conformance.cases import CASES
from tests.conformance.running import aux_of, with_heads
from tests.support import rich_task, tiny
from tests.support.matches import match_of
from tests.support.simultaneous import assert_alike, batch_of, both, convolved, critic_of, gan_of, gradients_of, scored
from tfgan_tricks.types import Match

A = tt.losses.adversarial
OneStageGAN = tt.training.OneStageGAN


# Which way.


def test_terms_say_truly_whether_they_read_more_than_logits():
    """Every term of the package is tried before a critic that answers more than logits, and watched."""

    class Watched(collections.abc.Mapping):
        def __init__(self, outputs):
            self.outputs, self.read = outputs, set()

        def __getitem__(self, key):
            self.read.add(key)
            return self.outputs[key]

        def __iter__(self):
            self.read.update(self.outputs)
            return iter(self.outputs)

        def __len__(self):
            return len(self.outputs)

    tried = set()
    for case in CASES:
        if not (isinstance(case.factory, type) and issubclass(case.factory, tt.losses.Term)):
            continue
        term = case.build()
        real, fake = (tf.convert_to_tensor(value) for value in case.inputs())
        judge = with_heads(lambda images: tf.reduce_sum(images, axis=tuple(range(1, len(images.shape))))[:, None])
        read = set()
        for player in term.players:
            match = match_of(judge, real, fake, aux=aux_of(term, real, fake), player=player)
            watched = Watched(match.fake_out)
            term.call(dataclasses.replace(match, fake_out=watched))
            read |= watched.read
        assert (read <= {"logits"}) == term.reads_only_logits, f"{case.id} reads {sorted(read)}"
        tried.add(term.reads_only_logits)
    assert tried == {True, False}


def test_a_term_that_reads_more_than_it_says_is_found_out():
    class Liar(tt.losses.auxiliary.PullingAway):
        reads_only_logits = True

    gan = gan_of(A.Hinge(), [Liar()])
    assert gan.backward_passes == 1
    with pytest.raises(ValueError, match="reads_only_logits = False") as caught:
        gan.update_both(batch_of())
    assert "'features'" in str(caught.value)


def test_a_second_pass_is_announced_once(caplog):
    with caplog.at_level(python_logging.INFO, logger="absl"):
        fast = gan_of(A.Hinge())
        assert not caplog.records
        slow = gan_of(A.Hinge(), [tt.losses.auxiliary.FeatureMatching()])
    assert (fast.backward_passes, slow.backward_passes) == (1, 2)
    assert fast.two_passes_because is None
    (record,) = caplog.records
    assert slow.two_passes_because in record.getMessage()


def test_a_critic_that_cannot_be_tried_out_is_passed_twice():
    class Odd(rich_task.RichTask):
        def judge(self, critic, images, condition=None, training=False, nets=None):
            if images.shape[0] != 8:
                raise RuntimeError("eight images, or nothing")
            return super().judge(critic, images, condition, training, nets)

    gan = OneStageGAN(Odd(*rich_task.networks(), rich_task.PRIOR))
    gan.compile("sgd", "sgd", loss=A.Hinge(), jit_compile=False)
    assert "eight images, or nothing" in gan.two_passes_because
    assert all(np.isfinite(g).all() for gs in gradients_of(gan, batch_of()).values() for g in gs if g is not None)


def test_a_frozen_head_of_zeros_hides_nothing():
    """A critic whose weights start at 0 has no gradient to be tried; noise on the weights gives it one."""
    zeros = {"kernel_initializer": "zeros"}
    plain = critic_of(lambda images: keras.layers.Dense(1, **zeros)(keras.layers.Flatten()(convolved(images))))
    mixed = critic_of(
        lambda images: keras.layers.Dense(1, **zeros)(keras.layers.Flatten()(tt.layers.MinibatchStd()(images)))
    )
    mixed[1].layers[-1].trainable = False
    assert gan_of(A.Hinge(), networks=plain).backward_passes == 1
    assert gan_of(A.Hinge(), networks=(mixed[0], critic_of(lambda x: scored(mixed[1](x)))[1])).backward_passes == 2


def test_layers_that_judge_each_image_for_itself_take_one_pass():
    def body(images):
        x = tt.layers.SpectralNormConv2D(8, 3)(images)
        x = keras.layers.LayerNormalization()(keras.layers.GroupNormalization(2)(x))
        x = tt.layers.SelfAttention2D()(tt.layers.PixelNorm()(x))
        return scored(keras.layers.Dropout(0.3)(x))

    gan = gan_of(A.Hinge(), networks=critic_of(body))
    assert gan.two_passes_because is None


# What is refused.


def test_past_images_and_several_critic_steps_are_refused():
    with pytest.raises(ValueError, match="OneStageGAN cannot work with HistoryBuffer") as caught:
        gan_of(A.Hinge(), inputs=[tt.inputs.HistoryBuffer(8)])
    assert "training.GAN" in str(caught.value)
    with pytest.raises(ValueError, match="critic_steps=2") as caught:
        gan_of(A.Hinge(), critic_steps=2)
    assert "training.GAN" in str(caught.value)


# How much work it is.


def convolutions(gan, n: int = 4) -> collections.Counter:
    """Returns how many convolutions and backward halves of such a step needs, after TensorFlow has cut what it can."""
    image = tf.zeros((n, *gan.task.image_shape))
    graph = tf.function(gan.train_step, autograph=False).get_concrete_function({"image": image}).graph
    found, needed = {}, [tensor.op for tensor in graph.outputs] + list(graph.control_outputs)
    while needed:
        op = needed.pop()
        if op.name not in found:
            found[op.name] = op
            needed += [tensor.op for tensor in op.inputs] + list(op.control_inputs)
    return collections.Counter(op.type for op in found.values() if op.type.startswith("Conv2D"))


@pytest.mark.parametrize(
    ("kind", "terms", "generator_passes", "critic_passes"),
    [
        (tt.training.GAN, [], 4, 8),
        (OneStageGAN, [], 3, 6),
        (OneStageGAN, [tt.penalties.LeCam(), tt.losses.image.TotalVariation()], 3, 6),
        (OneStageGAN, [tt.losses.auxiliary.PullingAway()], 3, 7),
    ],
    ids=["alternating", "one_stage", "with_terms", "two_passes"],
)
def test_a_step_makes_three_generator_passes_and_six_critic_passes(kind, terms, generator_passes, critic_passes):
    """SNGAN's networks: 7 convolutions in the critic, 4 in the generator; a backward pass has two halves of a forward
    pass's size, and no image of the discriminator's own update wants the first layer's half."""
    generator, critic = tt.architectures.sngan_cnn(width=4)
    *_, features, _ = (layer.output for layer in critic.layers)
    critic = keras.Model(critic.input, {"logits": critic.output, "features": features})
    gan = kind(tt.tasks.Unconditional(generator, critic, tt.latents.Normal(128)))
    gan.compile("sgd", "sgd", loss=A.Hinge(), terms=terms, jit_compile=False)
    for variable in gan.terms[0].variables if terms else ():
        variable.assign(1.0)
    alternating = kind is tt.training.GAN
    first_layer = 2 if alternating or critic_passes == 7 else 1
    assert sum(convolutions(gan).values()) == 4 * generator_passes + 7 * critic_passes - first_layer


# A GAN in all else.


def test_a_frozen_player_leaves_an_ordinary_update():
    results = []
    for kind in (tt.training.GAN, OneStageGAN):
        keras.utils.set_random_seed(0)
        generator, critic = rich_task.networks()
        critic.trainable = False
        gan = gan_of(A.Hinge(), networks=(generator, critic), kind=kind)
        gan.fit(rich_task.batches(), steps_per_epoch=2, verbose=0)
        results.append(tiny.values(gan.task.variables))
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)


def test_it_logs_what_a_gan_logs():
    terms = [tt.penalties.R1(gamma=1.0), tt.losses.image.TotalVariation()]
    gan = gan_of(A.Hinge(), terms)
    _, wanted = both(gan, batch_of())
    gan.reset_metrics()
    logs = gan.train_on_batch(batch_of(), return_dict=True)
    alternating = gan_of(A.Hinge(), terms, kind=tt.training.GAN)
    assert set(logs) == set(alternating.train_on_batch(batch_of(), return_dict=True))
    for player, gradients in wanted.items():
        norm = np.sqrt(sum(np.sum(g.astype("float64") ** 2) for g in gradients if g is not None))
        np.testing.assert_allclose(logs[f"{player}_gradient_norm"], norm, rtol=1e-5)
    assert int(gan.images_seen.numpy()) == 8
    evaluated = gan.evaluate(rich_task.batches(), steps=1, verbose=0, return_dict=True)
    assert set(evaluated) == set(logs) - {f"{player}_gradient_norm" for player in wanted}


def test_each_part_follows_both_players_and_the_critic_is_clipped():
    gan = gan_of(
        A.Wasserstein(),
        [tt.penalties.HistoricalAveraging(), tt.penalties.LeCam()],
        weight_constraint=tt.constraints.ClipWeights(0.01),
    )
    gan.train_on_batch(batch_of())
    counts = [int(variable.numpy()) for variable in gan.terms[0].variables[:2]]
    assert counts == [2, 2]
    assert gan.terms[1].variables[2].numpy() == 1.0
    assert max(np.abs(value).max() for value in tiny.values(gan.variables_of("discriminator"))) <= 0.01 + 1e-9
    assert max(np.abs(value).max() for value in tiny.values(gan.variables_of("generator"))) > 0.02
    assert [int(o.iterations.numpy()) for o in (gan.discriminator_optimizer, gan.generator_optimizer)] == [1, 1]


def test_batch_norm_in_the_generator_moves_once_and_spectral_norm_once_per_side():
    latents = keras.Input(rich_task.PRIOR.shape)
    x = keras.layers.BatchNormalization(name="norm")(keras.layers.Dense(64)(latents))
    generator = keras.Model(latents, keras.layers.Reshape((8, 8, 1))(keras.layers.Activation("tanh")(x)))
    _, critic = critic_of(lambda images: scored(tt.layers.SpectralNormConv2D(4, 3)(images)))
    gan = gan_of(A.Hinge(), networks=(generator, critic))
    norm, layer = generator.get_layer("norm"), next(la for la in critic.layers if hasattr(la, "u"))
    before = keras.Model(latents, norm.input)(batch_of()["latents"]).numpy()
    matrix, u = layer.kernel.numpy().reshape(-1, 4), np.array([0.5, -0.5, 0.5, 0.5], "float32")
    layer.u.assign(u)
    gan.train_on_batch(batch_of())
    np.testing.assert_allclose(norm.moving_mean.numpy(), 0.01 * before.mean(axis=0), rtol=1e-4, atol=1e-7)
    for _ in range(2):
        v = matrix @ u / np.linalg.norm(matrix @ u)
        u = v @ matrix / np.linalg.norm(v @ matrix)
    np.testing.assert_allclose(layer.u.numpy(), u, atol=1e-5)


# Several critics, and critics that are told something.


@keras.saving.register_keras_serializable("tests")
class TwoCritics(rich_task.RichTask):
    """Images before one critic, and upside down before another."""

    critics = ("discriminator", "second")

    def __init__(self, *arguments, second):
        super().__init__(*arguments)
        self.second = second

    def matches(self, batch, x, out):
        turned = [tf.reverse(images, [1]) for images in (batch["image"], out)]
        return [Match(batch["image"], out), Match(*turned, critic="second")]


def test_of_two_critics_one_may_be_beyond_the_margin_everywhere():
    generator, critic = critic_of(lambda images: scored(convolved(images)))
    _, second = critic_of(lambda images: scored(convolved(images)))
    second.layers[-1].bias.assign([-20.0])
    gan = OneStageGAN(TwoCritics(generator, critic, rich_task.PRIOR, second=second))
    gan.compile("sgd", "sgd", loss=A.Hinge(), terms=[tt.penalties.LeCam()], jit_compile=False)
    assert gan.backward_passes == 1
    one = gradients_of(gan, batch_of())
    gan.backward_passes = 2
    gan.terms[0].variables[2].assign(0.0)
    assert_alike(one, gradients_of(gan, batch_of()))
    assert one["discriminator"][-1] == -1.0  # its bias learns from the real images alone


def test_a_generated_image_that_another_one_is_made_from_is_paid_for_both():
    """Two generators in a row, each before a critic of its own: one generator's image is the other's input."""
    latents, small, large = keras.Input((3,)), keras.Input((4, 4, 1)), keras.Input((8, 8, 1))
    first = keras.Model(latents, keras.layers.Reshape((4, 4, 1))(keras.layers.Dense(16, "tanh")(latents)))
    second = keras.Model(small, keras.layers.Conv2DTranspose(1, 4, strides=2, padding="same", activation="tanh")(small))
    critics = [keras.Model(images, scored(keras.layers.LeakyReLU(0.1)(images))) for images in (small, large)]
    task = tt.tasks.Stacked(first, second, *critics, prior=tt.latents.Normal(3))
    gan = OneStageGAN(task)
    gan.compile("sgd", "sgd", loss=A.NonSaturating(), jit_compile=False)
    assert gan.backward_passes == 1
    state = np.array(gan.seed_generator.state)
    found = gradients_of(gan, {"image": tf.constant(tiny.images(8))})["generator"]
    gan.seed_generator.state.assign(state)
    z = task.inputs({"image": tiny.images(8)}, tt.randomness.update_stream(gan.seed_generator))
    values = [variable.value for variable in gan.variables_of("generator")]
    with tf.GradientTape() as tape:
        tape.watch(values)
        images = first(z), second(first(z))
        loss = sum(tf.reduce_mean(tf.nn.softplus(-critic(made))) for critic, made in zip(critics, images, strict=True))
    for one, other in zip(found, tape.gradient(loss, values), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


@keras.saving.register_keras_serializable("tests")
class ByClass(rich_task.RichTask):
    """The critic is told the class."""

    def matches(self, batch, x, out):
        return [Match(batch["image"], out, condition=tf.maximum(batch["label"], 0))]


def test_a_critic_that_is_told_the_class_is_tried_out_with_one():
    images, label = keras.Input((8, 8, 1)), keras.Input((), dtype="int32")
    features = keras.layers.Dense(5, activation="tanh")(keras.layers.Flatten()(convolved(images)))
    classes = keras.layers.Embedding(rich_task.CLASSES, 5)(label)
    logits = keras.layers.Dense(1)(features) + keras.layers.Dot(1)([features, classes])
    networks = rich_task.networks()[0], keras.Model([images, label], logits)
    gan = OneStageGAN(ByClass(*networks, rich_task.PRIOR))
    gan.compile("sgd", "sgd", loss=A.NonSaturating(), jit_compile=False)
    assert gan.backward_passes == 1, gan.two_passes_because
    one = gradients_of(gan, batch_of())
    gan.backward_passes = 2
    assert_alike(one, gradients_of(gan, batch_of()))


# Replicas, precision, compilers, files.


@pytest.mark.parametrize(
    ("loss", "terms", "backward_passes"),
    [
        (A.Hinge(), [tt.penalties.R1(gamma=1.0, every=2)], 1),
        pytest.param(
            *(A.Relativistic(A.NonSaturating(), mode="average"), [tt.penalties.LeCam()], 1), marks=pytest.mark.slow
        ),
        pytest.param(A.NonSaturating(), [tt.losses.auxiliary.FeatureMatching()], 2, marks=pytest.mark.slow),
    ],
    ids=["hinge", "relativistic", "two_passes"],
)
def test_one_and_two_replicas_give_the_same_weights(two_replicas, loss, terms, backward_passes):
    results = []
    for scope in (contextlib.nullcontext(), two_replicas.scope()):
        with scope:
            gan = gan_of(type(loss)(**loss._arguments()), [type(term)(**term._arguments()) for term in terms])
            assert gan.backward_passes == backward_passes, gan.two_passes_because
            history = gan.fit(rich_task.batches(16), steps_per_epoch=4, verbose=0).history
        results.append((tiny.values(gan.trainable_variables), history))
    for one, other in zip(results[0][0], results[1][0], strict=True):
        np.testing.assert_allclose(one, other, atol=2e-5)
    for name, value in results[0][1].items():
        if "probability" not in name and "accuracy" not in name and "gradient" not in name and "share" not in name:
            np.testing.assert_allclose(value, results[1][1][name], rtol=1e-3, atol=1e-5, err_msg=name)


def test_bfloat16_takes_one_pass_and_comes_close_to_float32():
    found = []
    for policy in ("float32", "mixed_bfloat16"):
        keras.config.set_dtype_policy(policy)
        gan = gan_of(A.Hinge(), [tt.penalties.R1(gamma=0.1)])
        assert gan.backward_passes == 1
        found.append(gradients_of(gan, batch_of()))
    for player, gradients in found[0].items():
        one, other = (np.concatenate([g.ravel() for g in side[player] if g is not None]) for side in found)
        assert np.linalg.norm(one - other) < 0.05 * np.linalg.norm(one), player
        assert len(gradients) == len(found[1][player])


def test_float16_takes_two_passes_under_loss_scaling():
    logs = []
    for policy in ("float32", "mixed_float16"):
        keras.config.set_dtype_policy(policy)
        optimizers = [keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.0)]
        if policy == "mixed_float16":
            scales = (128.0, 512.0)  # each player's own
            optimizers = [
                keras.optimizers.LossScaleOptimizer(o, initial_scale=s) for o, s in zip(optimizers, scales, strict=True)
            ]
        gan = gan_of(A.Hinge(), [tt.losses.image.TotalVariation()], optimizers=optimizers)
        logs.append(gan.train_on_batch(batch_of(), return_dict=True))
    assert "float16" in gan.two_passes_because
    for name, value in logs[0].items():
        np.testing.assert_allclose(logs[1][name], value, rtol=0.05, atol=0.01, err_msg=name)


@pytest.mark.slow
@pytest.mark.parametrize(
    "terms",
    [[tt.penalties.R1(gamma=1.0, every=2)], [tt.losses.auxiliary.PullingAway(weight=1.0)]],
    ids=["one_pass", "two_passes"],
)
def test_eager_graph_and_xla_steps_agree(terms):
    results = []
    for arguments in ({"run_eagerly": True}, {"jit_compile": False}, {"jit_compile": True}):
        gan = gan_of(A.Hinge(), terms, **arguments)
        gan.fit(rich_task.batches(8), steps_per_epoch=3, verbose=0)
        results.append(tiny.values(gan.trainable_variables))
    for other in results[1:]:
        for mine, value in zip(results[0], other, strict=True):
            np.testing.assert_allclose(mine, value, atol=1e-5)


@pytest.mark.parametrize("backward_passes", [1, 2])
def test_a_reloaded_gan_continues_bit_for_bit(backward_passes, tmp_path):
    terms = [tt.penalties.LeCam(), tt.penalties.R1(gamma=0.5, every=2)]
    terms += [tt.losses.auxiliary.PullingAway()] if backward_passes == 2 else []
    adam = keras.optimizers.Adam(1e-3, 0.5), keras.optimizers.RMSprop(1e-3)
    gan = gan_of(A.NonSaturating((0.7, 1.2)), terms, inputs=[tt.inputs.InstanceNoise(0.1)], optimizers=adam)
    gan.fit(rich_task.batches(), steps_per_epoch=2, verbose=0)
    gan.save(tmp_path / "gan.keras")
    again = keras.models.load_model(tmp_path / "gan.keras")
    assert type(again) is OneStageGAN
    assert again.backward_passes == gan.backward_passes == backward_passes
    histories = [g.fit(rich_task.batches(), steps_per_epoch=2, verbose=0).history for g in (gan, again)]
    assert histories[0] == histories[1]
    for mine, other in zip(tiny.values(gan.variables), tiny.values(again.variables), strict=True):
        np.testing.assert_array_equal(mine, other)
    assert int(again.images_seen.numpy()) == 32


def test_training_in_half_precision_stays_finite():
    for policy in ("mixed_bfloat16", "mixed_float16"):
        keras.config.set_dtype_policy(policy)
        gan = gan_of(A.Hinge(), [tt.penalties.WGANGP()])
        history = gan.fit(rich_task.batches(), steps_per_epoch=5, verbose=0).history
        assert all(np.isfinite(value).all() for value in history.values()), history
