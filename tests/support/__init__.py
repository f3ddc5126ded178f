"""What several tests need: matches before critics of known gradient, and closed forms in NumPy."""
