"""The only place that speaks Pulumi: typed resources, their dynamic providers, and the program that reads a stack.

The module paths, class names, type tokens and output keys in this folder are a stored format: state files name them.
"""
