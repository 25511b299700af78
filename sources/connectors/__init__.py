"""Ways in. Each connector turns one delivery into text exactly as delivered, with the line every row stood on.

Databases come later as a module beside `files`. Not here: what a column means.
"""
