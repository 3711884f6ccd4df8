"""Conformance: one suite that runs every operation on every database."""
