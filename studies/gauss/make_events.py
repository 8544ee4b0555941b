#!/usr/bin/env python3
"""Makes events_10k.npy: 10,000 records of six Gaussian experiments at theta = (2, 1).

Shares no code with Femtograph: Python's Mersenne twister and random.gauss, seed 20260101.
Experiment k measures x_k ~ N(c_k . theta, v_k), all x_k independent.
Usage: python3 make_events.py events_10k.npy
"""
import random
import struct
import sys

EXPERIMENTS = [  # (c_1, c_2), variance
    ((1, 1), 2.0),
    ((-2, 2), 2.25),
    ((-9.46, 1.67), 1.25),
    ((4.20, 0.74), 1.5),
    ((0.921, 1.98), 1.75),
    ((-1.10, 1.90), 2.5),
]
THETA = (2.0, 1.0)
ROWS = 10000


def main():
    random.seed(20260101)
    values = []
    for _ in range(ROWS):
        for c, variance in EXPERIMENTS:
            mean = c[0] * THETA[0] + c[1] * THETA[1]
            values.append(random.gauss(mean, variance**0.5))
    header = "{'descr': '<f8', 'fortran_order': False, 'shape': (%d, %d), }" % (
        ROWS,
        len(EXPERIMENTS),
    )
    header = header.ljust(128 - 10 - 1) + "\n"
    with open(sys.argv[1], "wb") as out:
        out.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)))
        out.write(header.encode("ascii"))
        out.write(struct.pack("<%dd" % len(values), *values))


main()
