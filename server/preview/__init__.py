"""Looks into a tenant's file: a program of its own, with the standard library alone, that can open nothing.

`services/previews.py` starts it. What it is given is hostile; what it says is bounded.
"""
