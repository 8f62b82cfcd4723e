"""What the programme says: pure functions over dated facts, given ``now``.

Nothing here knows a clock, a network, a database or a chat. One module, `rules.loader`,
reads the data files, once, when asked.
"""
