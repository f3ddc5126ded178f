"""What a network does, seen from inside: where it looks."""

from tfgan_tricks.diagnostics.attention_maps import attention_maps
from tfgan_tricks.diagnostics.attention_overlay import attention_overlay, save_attention_overlay

__all__ = ["attention_maps", "attention_overlay", "save_attention_overlay"]
