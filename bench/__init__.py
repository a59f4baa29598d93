"""Measurements of Kartabl on the machine at hand: `python -m bench`; docs/bench.md tells how."""
