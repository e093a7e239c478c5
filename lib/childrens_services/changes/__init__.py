"""What changed between two states of the tables and of an edition: rows, numbers, sentences and charts, and why."""
