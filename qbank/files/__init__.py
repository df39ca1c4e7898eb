"""The only package that opens files: text into values with positions, values into files by rename."""
