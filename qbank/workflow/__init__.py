"""The verbs as functions: the only place where files, ledger and computations meet. Nothing is printed here."""
