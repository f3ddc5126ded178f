"""A process that runs out of memory: whatever becomes of it, what was saved stays and the run goes on."""

import signal

import pytest
import tensorflow as tf

from tests.faults.runs import assert_same, assert_saved, begin, finished, train
from tfgan_tricks.exhausted_memory import exhausted_memory_told

# TensorFlow and Python end in these ways where an allocation fails; which one comes first is a matter of chance.
ENDS = (1, 2, -signal.SIGABRT, -signal.SIGSEGV)


@pytest.mark.slow
@pytest.mark.parametrize("images", [112, 160, 208])
def test_a_process_that_gets_no_more_memory_loses_nothing_that_is_saved(images, undisturbed, tmp_path):
    code, _, errors = finished(begin(tmp_path, fault=f"starve@{images}:0"))
    print(images, code, errors[-500:])
    assert code in ENDS, errors
    assert_saved(tmp_path, *((80, 160) if images > 160 else (80,)))
    assert train(tmp_path) == 0
    assert_same(tmp_path, undisturbed)


@pytest.mark.slow
def test_networks_that_do_not_fit_end_before_anything_is_saved(tmp_path):
    added = ("--config.architecture=mlp(widths=(4096,4096))",)
    code, _, errors = finished(begin(tmp_path, *added, fault="starve@0:100"))
    print(code, errors[-500:])
    assert code in ENDS
    assert_saved(tmp_path)


@pytest.mark.parametrize(
    "error",
    [MemoryError(), tf.errors.ResourceExhaustedError(None, None, "In a graph:\nOOM when allocating tensor\nmore")],
    ids=["Python", "TensorFlow"],
)
def test_want_of_memory_is_one_message(error):
    with pytest.raises(MemoryError, match="Memory is exhausted") as told, exhausted_memory_told():
        raise error
    assert type(error).__name__ in str(told.value)
    assert "OOM when allocating tensor\n" in str(told.value) or isinstance(error, MemoryError)
    assert "more" not in str(told.value).split("Expected")[0]
