"""What every public part must satisfy, whatever it computes: a table of cases, and the tests that run over it."""
