"""Sealed packages: files and a manifest in one archive that only certain keys, or enough shares of a key, open.

The archive is a tar in an age file (age-encryption.org/v1): whoever holds the key can also open it with ``age -d`` and
``tar``. Nothing here is imported at start-up; the library is loaded when a package is made or opened.
"""
