"""Warm Jupyter kernels: forked from a parent that has imported what notebooks need, and only what changed is run."""
