"""How many records a second pickle.loads reads: the bench's companion, printed in one line."""

import pickle
import time

from pickle_samples import cases

bodies = [body for name, body, _ in cases() if name.startswith("distlog/")]
repeat = 600
best = 0
for _ in range(5):
    start = time.perf_counter()
    for _ in range(repeat):
        for body in bodies:
            pickle.loads(body)
    best = max(best, repeat * len(bodies) / (time.perf_counter() - start))
print(f"pickle.loads: {best / 1000:.0f} thousand records a second, best of 5")
