"""Terms that compare or smooth images."""

__all__: list[str] = []
