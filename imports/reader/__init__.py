"""Reading workbooks that people send us, in a child process with limits.

Kept empty: the child imports this package and must start in a moment. Callers use
`imports.reader.read`.
"""
