"""The answers of the notebooks by subject: sentences (story), drawings (charts), and both together (exhibits)."""
