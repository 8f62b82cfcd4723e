"""The letters: a planned message becomes the bytes that leave, in the words of its reader."""

from bot.post.letters.making import Letters

__all__ = ["Letters"]
