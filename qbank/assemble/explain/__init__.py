"""When papers cannot be built: what to write, which rules contradict each other, which bound to move and how far."""
