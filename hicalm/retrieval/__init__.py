"""Queries read and museums ranked: texts, words, the index, the three-level score, result types."""
