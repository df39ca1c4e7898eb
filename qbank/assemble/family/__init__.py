"""Families of papers: slots, codes whose words agree in few places, numbers that give nothing away, and counts.

fields and codes are the mathematics of the overlap, numbering turns a number or a person into a place of the code; what
is bank and blueprint stands beside them.
"""
