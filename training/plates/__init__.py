"""Plates that nobody owns, drawn from glyphs and spoiled the way cameras spoil them.

Read in this order: `fonts` and `strokes` give shapes, `letters` keeps them in one file; `designs`
and its countries lay them out on a `blank`; `mounting` screws the sheet to a vehicle, `cameras`
takes its picture; `reader` and `finder` are what the two networks learn from.
"""
