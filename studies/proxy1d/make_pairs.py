#!/usr/bin/env python3
"""Makes pairs_40k.npy: true and measured values of the two columns of a 1-D proxy.

Shares no code with Femtograph: Python's Mersenne twister and random.gauss, seed 20260701.
True values are uniform in their logarithm between 0.1 and 1, so that every place is known
about as well; measured ones are smeared by 5 % (x1) and 12 % (x2), uncorrelated. Columns
x1_true, x1, x2_true, x2 of single precision.
Usage: python3 make_pairs.py FILE.npy [ROWS]
"""
import array
import math
import random
import sys

SMEAR = (0.05, 0.12)
COLUMNS = ("x1_true", "x1", "x2_true", "x2")


def main():
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 40000
    random.seed(20260701)
    values = array.array("f")
    for _ in range(rows):
        for smear in SMEAR:
            truth = math.exp(math.log(0.1) * random.random())
            values.append(truth)
            values.append(truth * (1 + smear * random.gauss(0, 1)))
    if sys.byteorder != "little":
        values.byteswap()
    fields = ", ".join("('%s', '<f4')" % name for name in COLUMNS)
    header = "{'descr': [%s], 'fortran_order': False, 'shape': (%d,), }" % (fields, rows)
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    with open(sys.argv[1], "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little"))
        file.write(header.encode("ascii"))
        file.write(values.tobytes())


if __name__ == "__main__":
    main()
