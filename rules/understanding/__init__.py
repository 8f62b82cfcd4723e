"""Finds what a question is about: deterministic, local, in less than a millisecond."""

from rules.understanding.finder import Candidate, Finder, Finding

__all__ = ["Candidate", "Finder", "Finding"]
