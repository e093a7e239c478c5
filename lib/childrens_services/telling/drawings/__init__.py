"""Drawings that seaborn does not have: frame in, figure out, at the width of the house style."""
