"""Cited numbers, the house style, drawings and the way out of a notebook."""
