"""Small real trainings, healthy ones and such that fail on purpose, examined by the doctor."""
