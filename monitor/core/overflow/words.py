"""Reasons in words: one plain English sentence for each decision."""
