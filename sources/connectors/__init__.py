"""Ways in. Each connector turns one delivery into text exactly as delivered, with the line every row stood on.

Files of every format here, database servers in `databases`. Not here: what a column means.
"""
