"""`python -m bench [telegram] [feed] [post] [incidents]`: run the measurements and print them."""

import asyncio
import sys

from bench import feed, incidents, post, telegram

MEASURES = {
    "telegram": telegram.measure,
    "feed": feed.measure,
    "post": post.measure,
    "incidents": incidents.measure,
}


def main() -> None:
    """Run the measures that are named, or all."""
    names = sys.argv[1:] or list(MEASURES)
    for name in names:
        print(f"== {name}", flush=True)
        asyncio.run(MEASURES[name]())


if __name__ == "__main__":
    main()
