"""What a person can ask for: one module per capability, the same on every face.

A handler reads rules, asks the notes it is given, and returns replies. It knows no Telegram, no
HTML, no database; what it needs from outside it declares here as a Protocol.
"""
