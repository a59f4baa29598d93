"""Lists out as workbooks: the same rows as on the screen, in the columns that import reads again."""
