"""In the graph that TensorFlow runs, weights move only when everything before has read them."""

import keras
import pytest
import tensorflow as tf
from tensorflow.python.eager import context

import tfgan_tricks as tt
from tfgan_tricks.training.loss_first import loss_first

LOSSES = tt.losses.adversarial


def gan_of(rule, loss):
    networks = tt.architectures.mlp(resolution=8, channels=1, latent_dim=4, widths=(8,))
    gan = rule(tt.tasks.Unconditional(*networks, tt.latents.Normal(4)))
    optimizers = [keras.optimizers.Adam(4e-4) for _ in range(2)]
    both = tt.training.two_time_scales(*optimizers)
    gan.compile(*([both] if rule is tt.training.SingleLossGAN else optimizers), loss=loss, jit_compile=False)
    return gan


def reads_not_awaited(step, *arguments) -> tuple[list, int]:
    """Returns the assignments in the optimized graph of a step that may run before a read which they must follow, and
    how many pairs there are."""
    function = tf.function(step)
    traced = function.get_concrete_function(*arguments).graph
    context.context().enable_graph_collection()
    try:
        function(*arguments)
        graphs = [g for f in context.context().export_run_metadata().function_graphs for g in f.partition_graphs]
    finally:
        context.context().disable_graph_collection()
    nodes = {node.name: node for graph in graphs for node in graph.node}
    before: dict[str, set[str]] = {}

    def ancestors(name: str) -> set[str]:
        waiting = [name]
        while waiting:  # depth first, without recursion
            here = waiting[-1]
            inputs = [text.lstrip("^").split(":")[0] for text in nodes[here].input] if here in nodes else []
            missing = [text for text in inputs if text not in before]
            if missing:
                waiting += missing
                continue
            before[here] = set().union(*({text} | before[text] for text in inputs))
            waiting.pop()
        return before[name]

    wanted = [
        (op.name, read.name)
        for op in traced.get_operations()
        if op.type.startswith("Assign") and op.name in nodes
        for read in op.control_inputs
        if read.type == "ReadVariableOp" and read.name in nodes
    ]
    return [pair for pair in wanted if pair[1] not in ancestors(pair[0])], len(wanted)


RULES = [tt.training.GAN, tt.training.OneStageGAN, tt.training.SingleLossGAN]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_no_weight_moves_before_it_was_read(rule):
    """With a loss that is linear in the logits: without `loss_first` the critic's last kernel does."""
    gan = gan_of(rule, LOSSES.BEGAN())
    early, pairs = reads_not_awaited(lambda batch: gan.train_step(batch), {"image": tf.zeros((4, 8, 8, 1))})
    assert pairs > 10
    assert early == []


def test_loss_and_gradient_stay_as_they_are():
    x = tf.Variable(3.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as tape:
            y = loss_first(x**3)
        slope = tape.gradient(y, x)
    assert [float(v) for v in (y, slope, outer.gradient(slope, x))] == [27.0, 27.0, 18.0]


def test_a_variable_that_a_loss_reports_is_logged():
    gan = gan_of(tt.training.GAN, LOSSES.BEGAN())
    logs = gan.train_on_batch({"image": tf.ones((4, 8, 8, 1))}, return_dict=True)
    assert float(logs["began_k"]) == 0.0
