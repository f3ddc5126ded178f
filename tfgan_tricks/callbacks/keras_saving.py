"""Keeps Keras' saving from taking memory each time."""

import importlib

LOOKED_UP = "saving_attr_skiplist_Optimizer"


def remember_skipped_attributes() -> None:
    """Puts the attributes of an optimizer that Keras does not save where Keras looks for them.

    It keeps them under another name than it looks them up under, and so finds them out again in each save and load:
    from an optimizer made for that, whose two variables leave 72 kB that TensorFlow never gives back. A run with two
    players would lose 145 kB with every checkpoint. To be called before saving; `clear_session` forgets it.
    """
    try:  # there is no public way to what it keeps, and another version may have none at all
        state = importlib.import_module("keras.src.backend.common.global_state")
        skipped = importlib.import_module("keras.src.saving.saving_lib").get_attr_skipset
    except (ImportError, AttributeError):
        return
    if state.get_global_attribute(LOOKED_UP) is None:
        state.set_global_attribute(LOOKED_UP, skipped("Optimizer"))
