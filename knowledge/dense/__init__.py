"""The optional dense channel: likeness of meaning from a local sentence-embedding model."""
