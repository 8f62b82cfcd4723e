"""Runs `noon <words>` in this process and prints its seconds and its peak of memory as JSON.

`python -m bench.watched WORDS…`
"""

import json
import runpy
import sys
import time

from bench.carrying import peak_mb

if __name__ == "__main__":
    begun = time.perf_counter()
    try:
        runpy.run_module("bot", run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        if ended.code:
            raise
    print(json.dumps({"seconds": time.perf_counter() - begun, "peak_mb": peak_mb()}))
    sys.stdout.flush()
