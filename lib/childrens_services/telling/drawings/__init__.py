"""Drawings that seaborn does not have, a module a noun: frame in, figure out, as wide as the house style says."""
