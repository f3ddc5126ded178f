"""The Dirac-GAN: one weight against one weight, run by the library's own losses, penalties, noise and update rules.

Mescheder et al., 2018, arXiv:1801.04406, section 2: the data are a point mass at 0, the generator is a point mass at
θ, the critic is D(x) = ψ·x. The only equilibrium is θ = ψ = 0.
"""
