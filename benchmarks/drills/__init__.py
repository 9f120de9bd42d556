"""Disasters on purpose: what the intake of money must survive, with controls that fail: docs/drills.md."""
