"""Callers' texts as recognisers and typists spoil them; tables and code of its own, so that no repair is judged by its own tables."""
