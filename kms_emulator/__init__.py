"""A program that behaves like the key services of three clouds, for tests and rehearsals without an account."""
