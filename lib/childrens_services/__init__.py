"""Compare children's services of English local authorities, with every number cited."""

__version__ = "0.1.0"
__all__ = ["analysis", "ordering", "rounding", "tables", "telling", "vocabulary"]
