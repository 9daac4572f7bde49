"""Service items in the national layout: lists come in, lists go out."""
