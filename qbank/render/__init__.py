"""Papers, keys and answer sheets: a `Paper` becomes PDF, HTML or plain text.

No files are read but the package's own.
"""
