"""Patterns: what people write into revision files, one file for each kind of thing."""
