"""Sphinx' settings. Nothing is fetched: no intersphinx, no remote fonts or scripts."""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, str(Path(__file__).parent))

import generate_cards

from tfgan_tricks.version import __version__

project = "tfgan_tricks"
author = "the tfgan_tricks authors"
copyright = "the tfgan_tricks authors, Apache License 2.0"
version = release = __version__

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = f"tfgan_tricks {release}"
html_static_path = ["_static"]
html_show_sphinx = False

generate_cards.write()
