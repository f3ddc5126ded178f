"""Terms beside the adversarial loss that compare latents, labels, features or cycles."""

__all__: list[str] = []
