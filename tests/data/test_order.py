import numpy as np
import pytest
import tensorflow as tf

from tfgan_tricks.data.order import Order


def indices(order: Order, start: int, stop: int) -> np.ndarray:
    return order.indices(tf.range(start, stop, dtype=tf.int64)).numpy()


@pytest.mark.parametrize("count", [1, 2, 3, 10, 257, 1000])
def test_every_epoch_is_a_permutation(count):
    order = Order(count, seed=5)
    for epoch in range(4):
        seen = indices(order, epoch * count, (epoch + 1) * count)
        assert np.array_equal(np.sort(seen), np.arange(count))


def test_epochs_and_seeds_have_orders_of_their_own():
    count = 50
    first = [tuple(indices(Order(count, seed), 0, count)) for seed in (0, 1, 2, 256, 2**16, 2**31, 2**40, 2**62)]
    later = [tuple(indices(Order(count, 0), epoch * count, (epoch + 1) * count)) for epoch in (1, 2, 256, 2**16, 2**24)]
    assert len(set(first + later)) == len(first) + len(later)


def test_a_position_alone_decides():
    order = Order(13, seed=2)
    together = indices(order, 0, 60)  # over four borders of epochs
    one_by_one = [int(order.indices(tf.constant(position, tf.int64))) for position in range(60)]
    assert together.tolist() == one_by_one


def test_without_shuffling_the_source_is_read_in_order():
    assert indices(Order(4, seed=9, shuffle=False), 2, 11).tolist() == [2, 3, 0, 1, 2, 3, 0, 1, 2]


@pytest.mark.parametrize("count", [300, 1797, 6000])
def test_batches_of_a_source_sorted_by_class_are_mixed_as_by_chance(count):
    """The variance of a class's share in a batch is that of drawing without replacement (hypergeometric).

    TensorFlow's own index_shuffle with its 4 rounds fails this: its batches are up to four times as lopsided.
    """
    batch, classes, ratios = 64, 10, []
    labels = np.arange(count) * classes // count
    share = np.bincount(labels) / count
    for epoch in range(40):
        order = labels[indices(Order(count, seed=0), epoch * count, (epoch + 1) * count)]
        batches = order[: count // batch * batch].reshape(-1, batch)
        counts = np.stack([(batches == label).sum(1) for label in range(classes)], 1)  # [batches, classes]
        variance = batch * share * (1 - share) * (count - batch) / (count - 1)
        ratios.append(np.mean((counts - batch * share) ** 2 / variance))
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.12)


def test_neighbours_in_the_stream_are_not_neighbours_in_the_source():
    count = 20_000
    order = indices(Order(count, seed=0), 0, count)
    for lag in (1, 2, 3):
        assert abs(np.corrcoef(order[:-lag], order[lag:])[0, 1]) < 4 / np.sqrt(count)


def test_mirroring_is_a_fair_coin_tossed_anew_each_epoch():
    count = 2_000
    order = Order(count, seed=0)
    tosses = order.mirrored(tf.range(2 * count, dtype=tf.int64)).numpy()
    assert abs(tosses.mean() - 0.5) < 4 * 0.5 / np.sqrt(2 * count)
    by_image = np.zeros((2, count), bool)
    for epoch in range(2):
        part = slice(epoch * count, (epoch + 1) * count)
        by_image[epoch, indices(order, part.start, part.stop)] = tosses[part]
    assert 0.45 < (by_image[0] == by_image[1]).mean() < 0.55
    assert not np.array_equal(tosses, Order(count, seed=1).mirrored(tf.range(2 * count, dtype=tf.int64)))


def test_the_order_of_this_version_of_tensorflow():
    """Recorded, not derived: if an upgrade changes it, resumed runs see other batches; tell so in the changelog."""
    recorded = [3, 8, 9, 7, 2, 0, 1, 5, 6, 4, 2, 6, 5, 1, 8, 4, 9, 0, 7, 3]
    assert indices(Order(10, seed=0), 0, 20).tolist() == recorded
