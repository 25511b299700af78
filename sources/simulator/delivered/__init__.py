"""True rows as a vendor delivers them: written backwards through the mapping, spoilt here and there, put into the inbox."""
