"""What the Python clients of the benchmark have in common: the calls, the workers, the figures."""

import asyncio
import json
import sys
import time

MODEL = "fixed-1"


def messages(number):
    text = f"Question {number}: a farmer has 3 rows of 14 trees. How many trees are there?"
    return [{"role": "user", "content": text}]


async def measure(call, calls, concurrency):
    """Makes the calls, so many at once, and prints the totals as one JSON object."""
    numbers = iter(range(calls))

    async def work():
        for number in numbers:
            text = await call(number)
            if not text:
                raise ValueError(f"call {number} has no answer")

    start = time.monotonic()
    await asyncio.gather(*(work() for _ in range(concurrency)))
    seconds = time.monotonic() - start
    print(json.dumps({"calls": calls, "failed": 0, "seconds": seconds}))


def arguments():
    """The base URL, the number of calls, and how many at once."""
    return sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
