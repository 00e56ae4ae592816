"""Encoders: what turns views and sentences into features, and how the built-in one is made."""
