"""Stages that name the networks they train: what moves in each, what optimizers remember, and how a run goes on."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

import tfgan_tricks as tt
from tests.support import tiny, two_step_tasks
from tests.support.two_step_tasks import SIDE, completing, gan_of, patch_critic
from tfgan_tricks.callbacks.checkpoints import restore
from tfgan_tricks.losses.adversarial import Hinge, NoGame
from tfgan_tricks.losses.auxiliary import Reconstruction
from tfgan_tricks.training import NetworkStage, StagedTraining
from tfgan_tricks.types import Match

EVERYTHING = ("coarse", "refine", "discriminator")


def coarse_to_refine() -> list[NetworkStage]:
    """The schedule of the inpainting papers; batches of two sizes."""
    alone = {"loss": NoGame(), "terms": [Reconstruction(key="coarse", name="coarse")]}
    game = {"loss": Hinge(), "terms": [Reconstruction()], "discriminator_optimizer": keras.optimizers.SGD(0.01)}
    return [
        NetworkStage(16, ["coarse"], alone, batch_size=4),
        NetworkStage(16, ["refine", "discriminator"], game, batch_size=8),
        NetworkStage(16, EVERYTHING, batch_size=8),
    ]


def data(stage, images_seen):
    return two_step_tasks.batches(stage.batch_size, start=images_seen)


class Witness(keras.callbacks.Callback):
    """Notes for each stage which networks changed in any variable, what was logged, and when it began."""

    def __init__(self):
        super().__init__()
        self.changed, self.logged, self.began = [], [], []

    def on_train_begin(self, logs=None):
        self.before = two_step_tasks.copies(self.model.task)
        self.began.append(int(self.model.images_seen.numpy()))

    def on_epoch_end(self, epoch, logs=None):
        self.changed.append(two_step_tasks.changed(self.before, self.model.task))
        self.logged.append(set(logs))


def test_each_stage_moves_its_networks_and_not_a_bit_of_the_others():
    witness = Witness()
    gan = gan_of(two_step_tasks.inpainting())
    assert StagedTraining(coarse_to_refine()).fit(gan, data, callbacks=[witness]) is gan
    assert witness.changed == [{"coarse"}, {"refine", "discriminator"}, set(EVERYTHING)]
    assert witness.began == [0, 16, 32]
    assert witness.logged[0] == {"generator_loss", "coarse", "generator_gradient_norm"}
    assert witness.logged[1] == witness.logged[2] > {"reconstruction", "discriminator_real_loss"}
    assert int(gan.images_seen.numpy()) == 48


@keras.saving.register_keras_serializable("tests")
class GlobalAndLocal(tt.tasks.Task):
    """Image to image as in pix2pixHD: while the enhancer rests, the global network's own image is judged."""

    generators = ("global_generator", "local_enhancer")

    def __init__(self, global_generator, local_enhancer, discriminator, **kwargs):
        super().__init__(**kwargs)
        self.global_generator, self.local_enhancer = global_generator, local_enhancer
        self.discriminator = discriminator
        self.built = True

    def inputs(self, batch, seed):
        return ops.flip(batch["image"], axis=1)

    def call(self, x, training=False, nets=None):
        nothing = ops.zeros_like(x)
        coarse = self.network("global_generator", nets)([x, nothing], training=training)
        fine = self.network("local_enhancer", nets)([coarse, nothing], training=training)
        return {"images": fine, "coarse": coarse}

    def matches(self, batch, x, out):
        return [Match(real=batch["image"], fake=out["images" if self.local_enhancer.trainable else "coarse"])]


def test_pix2pixhd_is_a_list_of_the_same_stages():
    networks = completing("global_generator"), completing("local_enhancer")
    loss = tt.losses.adversarial.LeastSquares()
    gan = gan_of(GlobalAndLocal(*networks, patch_critic()), loss=loss, run_eagerly=True)
    witness = Witness()
    stages = [
        NetworkStage(8, ["global_generator", "discriminator"], batch_size=4),
        NetworkStage(8, ["local_enhancer", "discriminator"], batch_size=4),
        NetworkStage(8, ["global_generator", "local_enhancer", "discriminator"], batch_size=4),
    ]
    StagedTraining(stages).fit(gan, data, callbacks=[witness])
    assert witness.changed == [set(stage.train) for stage in stages]


def test_stackgan_is_a_list_of_the_same_stages():
    gan, witness = gan_of(two_step_tasks.stacked(), run_eagerly=True), Witness()
    first, second = ("first", "first_discriminator"), ("second", "second_discriminator")
    stages = [NetworkStage(8, names, batch_size=4) for names in (first, second, first + second)]
    StagedTraining(stages).fit(gan, data, callbacks=[witness])
    assert witness.changed == [set(first), set(second), {*first, *second}]


def test_averaged_networks_follow_what_is_trained_and_copy_what_is_frozen():
    gan = fresh()
    StagedTraining(coarse_to_refine()[:2]).fit(gan, data)
    for mine, other in zip(gan.averaged["coarse"].variables, gan.task.coarse.variables, strict=True):
        np.testing.assert_array_equal(mine, other)
    pairs = zip(gan.averaged["refine"].variables, gan.task.refine.variables, strict=True)
    assert any(not np.array_equal(mine, other) for mine, other in pairs)


# What optimizers remember.


def moments(optimizer, variable) -> list[np.ndarray]:
    """Returns what an Adam, a loss scale around one, or an RMSprop knows of a variable, by Keras' own index."""
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    place = optimizer._get_variable_index(variable)
    lists = ("_momentums", "_velocities")
    return [np.array(getattr(optimizer, name)[place]) for name in lists if getattr(optimizer, name, None)]


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_moments_of_variables_that_stay_are_kept_though_networks_share_paths(policy):
    keras.config.set_dtype_policy(policy)
    gan = gan_of(two_step_tasks.inpainting(), terms=[Reconstruction()], run_eagerly=True)
    coarse, refine = (network.trainable_variables for network in (gan.task.coarse, gan.task.refine))
    assert {variable.path for variable in coarse} & {variable.path for variable in refine}, "paths must be shared"
    gan.fit(two_step_tasks.batches(), steps_per_epoch=3, verbose=0)
    gan.generator_optimizer.learning_rate = 0.0125  # as a callback may
    old = gan.generator_optimizer
    kept = [moments(old, variable) for variable in refine]
    assert len(kept[0]) == 2
    assert any(np.any(moment) for pair in kept for moment in pair)
    gan = NetworkStage(8, ["refine", "discriminator"]).begin(gan)
    new = gan.generator_optimizer
    assert new is not old
    assert len(new.variables) == len(old.variables) - 2 * len(coarse)
    for variable, expected in zip(refine, kept, strict=True):
        np.testing.assert_array_equal(moments(new, variable), expected)
    assert float(new.learning_rate) == pytest.approx(0.0125)
    assert int(new.iterations) == int(old.iterations) > 0
    gan = NetworkStage(8, EVERYTHING).begin(gan)
    for variable, expected in zip(refine, kept, strict=True):
        np.testing.assert_array_equal(moments(gan.generator_optimizer, variable), expected)
    assert not any(np.any(moment) for variable in coarse for moment in moments(gan.generator_optimizer, variable))


def test_the_next_update_is_the_one_that_an_untouched_optimizer_makes():
    one, other = (gan_of(two_step_tasks.inpainting(), terms=[Reconstruction()], run_eagerly=True) for _ in range(2))
    for gan in (one, other):
        gan.fit(two_step_tasks.batches(), steps_per_epoch=2, verbose=0)
    other = NetworkStage(8, EVERYTHING).begin(other)
    for gan in (one, other):
        gan.fit(two_step_tasks.batches(), steps_per_epoch=2, verbose=0)
    for mine, expected in zip(tiny.values(other.variables), tiny.values(one.variables), strict=True):
        np.testing.assert_array_equal(mine, expected)


def test_steps_are_counted_from_0_if_no_variable_stays_or_the_optimizer_is_new():
    gan = gan_of(two_step_tasks.inpainting(), terms=[Reconstruction()], run_eagerly=True)
    gan = NetworkStage(8, ["coarse", "discriminator"]).begin(gan)
    gan.fit(two_step_tasks.batches(), steps_per_epoch=2, verbose=0)
    gan = NetworkStage(8, ["refine", "discriminator"]).begin(gan)
    assert (int(gan.generator_optimizer.iterations), int(gan.discriminator_optimizer.iterations)) == (0, 2)
    changes = {"discriminator_optimizer": keras.optimizers.Adam(0.3)}
    gan = NetworkStage(8, ["refine", "discriminator"], changes).begin(gan)
    assert int(gan.discriminator_optimizer.iterations) == 0
    assert float(gan.discriminator_optimizer.learning_rate) == pytest.approx(0.3)


def test_one_list_of_stages_serves_two_models():
    stages = StagedTraining(coarse_to_refine())
    ends = [stages.fit(fresh(), data) for _ in range(2)]
    for mine, other in zip(tiny.values(ends[0].variables), tiny.values(ends[1].variables), strict=True):
        np.testing.assert_array_equal(mine, other)


# A run that is cut.


class Until(keras.callbacks.Callback):
    def __init__(self, images):
        super().__init__()
        self.images = images

    def on_train_batch_end(self, batch, logs=None):
        if int(self.model.images_seen.numpy()) >= self.images:
            raise KeyboardInterrupt


def fresh():
    return gan_of(two_step_tasks.inpainting(), averaging=True, run_eagerly=True)  # which is sooner done than traced


def state(gan):
    optimizers = (gan.generator_optimizer, gan.discriminator_optimizer)
    return tiny.values([*gan.variables, *(variable for optimizer in optimizers for variable in optimizer.variables)])


@pytest.fixture(scope="module")
def whole():
    """State at the end of an undisturbed run."""
    return state(StagedTraining(coarse_to_refine()).fit(fresh(), data))


@pytest.mark.parametrize(("stop", "how"), [(12, "load"), (24, "rebuild"), (24, "load"), (32, "load"), (40, "rebuild")])
def test_a_run_cut_in_any_stage_goes_on_as_if_it_had_not_been(stop, how, whole, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        StagedTraining(coarse_to_refine()).fit(gan := fresh(), data, callbacks=[Until(stop)])
    gan.save(tmp_path / "gan.keras")
    staged = StagedTraining(coarse_to_refine())
    if how == "load":
        gan = keras.models.load_model(tmp_path / "gan.keras")
    else:
        gan = staged.gan_at(fresh(), staged.stage_at(stop))
        restore(gan, tmp_path / "gan.keras")
    for mine, expected in zip(state(staged.fit(gan, data)), whole, strict=True):
        np.testing.assert_array_equal(mine, expected)


def test_two_replicas_go_through_the_stages(two_replicas):
    with two_replicas.scope():
        gan = gan_of(two_step_tasks.inpainting(), averaging=True)
    witness = Witness()
    stages = coarse_to_refine()
    StagedTraining([stages[0], stages[1]]).fit(gan, data, callbacks=[witness])
    assert witness.changed == [{"coarse"}, {"refine", "discriminator"}]


# What is refused, and what stays as it was.


def test_layers_frozen_within_a_network_that_is_trained_all_along_stay_frozen():
    gan = gan_of(two_step_tasks.inpainting(), terms=[Reconstruction()])
    gan.task.refine.get_layer("features").trainable = False
    gan = NetworkStage(8, ["refine", "discriminator"]).begin(gan)
    assert not gan.task.refine.get_layer("features").trainable
    assert gan.task.refine.get_layer("image").trainable


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"train": "coarse"}, "list of names"),
        ({"train": ["corse"]}, r"unknown network[\s\S]*'corse'[\s\S]*did you mean 'coarse'"),
        ({"train": ["coarse"], "changes": {"los": NoGame()}}, r"unknown argument of `compile`[\s\S]*mean 'loss'"),
        ({"train": ["coarse"], "changes": [NoGame()]}, "pass a dict"),
        ({"train": []}, "name the networks in `train`"),
        ({"train": ["discriminator"], "changes": {"loss": NoGame(), "terms": [Reconstruction()]}}, "frozen"),
    ],
    ids=range(6),
)
def test_what_no_stage_can_do_is_refused(arguments, words):
    with pytest.raises((ValueError, TypeError), match=words):
        NetworkStage(8, **arguments).begin(gan_of(two_step_tasks.inpainting()))


@pytest.mark.parametrize("kind", ["OneStageGAN", "SingleLossGAN", "UnrolledGAN"])
def test_other_update_rules_go_through_stages_too(kind):
    gan = getattr(tt.training, kind)(two_step_tasks.inpainting())
    gan.compile(*["sgd"] * (1 if kind == "SingleLossGAN" else 2), loss=Hinge(), run_eagerly=True)
    alone, *_ = coarse_to_refine()
    changed = []
    for stage in (alone, NetworkStage(8, ["refine", "discriminator"], {"loss": Hinge(), "terms": [Reconstruction()]})):
        before, gan = two_step_tasks.copies(gan.task), stage.begin(gan)
        gan.fit(two_step_tasks.batches(4), steps_per_epoch=1, verbose=0)
        changed.append(two_step_tasks.changed(before, gan.task))
    assert changed == [{"coarse"}, {"refine", "discriminator"}]


def test_a_model_must_be_compiled_first():
    gan = tt.training.GAN(two_step_tasks.inpainting())
    with pytest.raises(ValueError, match=r"not compiled[\s\S]*call gan.compile"):
        NetworkStage(8, ["coarse"]).begin(gan)


def test_a_frozen_network_in_a_turn_of_its_player_draws_dropout_and_moves_no_seed():
    gan = gan_of(two_step_tasks.inpainting(), run_eagerly=True)
    gan = NetworkStage(8, ["refine", "discriminator"]).begin(gan)
    batch = {"image": tf.constant(tiny.images(4)), "mask": tf.ones((4, SIDE, SIDE, 1))}
    before = two_step_tasks.copies(gan.task)
    gan.update("generator", batch)
    assert two_step_tasks.changed(before, gan.task) == {"refine"}
