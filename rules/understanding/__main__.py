"""`python -m rules.understanding`: learn from the phrasings again and write down what was learned.

To be run after phrases, notions or topic titles change; a test fails until it was.
"""

from rules.asking import phrasings, sentences
from rules.loader import load
from rules.understanding.learning import learn
from rules.understanding.written import write

if __name__ == "__main__":
    facts = load()
    write(learn(phrasings(facts), sentences(facts)))
