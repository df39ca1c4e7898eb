"""qbank: item bank, parallel papers and post-exam psychometrics from plain text."""

__version__ = "0.1.0"
