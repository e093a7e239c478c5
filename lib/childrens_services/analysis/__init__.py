"""From frame to frame: what must be right everywhere."""
