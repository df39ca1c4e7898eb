"""Pictures of filled-in answer sheets → what was marked, and what a person has to look at. Bytes in, records out."""
