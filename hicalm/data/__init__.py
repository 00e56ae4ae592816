"""Collections of museums: their types, files, pictures and training data."""
