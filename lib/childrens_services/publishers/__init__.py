"""What publishers have now: fetched politely, set beside what we hold, and taken whole or not at all."""
