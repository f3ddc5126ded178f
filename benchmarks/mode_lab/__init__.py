"""How many modes a GAN finds: rings and grids of Gaussians, and stacked digits, with and without packing.

Lin et al., 2018, arXiv:1712.04086 (PacGAN), section 4. Networks, data and measures are theirs; training is `fit` of the
library's own models. What the paper's text leaves open follows the authors' code (fjxmlzn/PacGAN), read, not copied.
"""
