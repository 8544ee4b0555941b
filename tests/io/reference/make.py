"""Makes the reference files of tests/io with NumPy and h5py, independent of Femtograph.

Row i, column j of every table is i / 8 + j / 4 - 3, exact in double and in single precision.
"""
import h5py
import numpy as np

rows, columns = 50, 3
i, j = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
table = i / 8 + j / 4 - 3

np.save("plain.npy", table)
np.save("fortran_big_endian.npy", np.asfortranarray(table.astype(">f4")))
record = np.zeros(rows, dtype=np.dtype([("x", "<f8"), ("n", ">i2"), ("y", "<f4")], align=True))
record["x"], record["n"], record["y"] = table[:, 0], np.arange(rows), table[:, 1]
np.save("record.npy", record)
np.save("objects.npy", np.array([1.0, "a", None], dtype=object), allow_pickle=True)
np.savez_compressed("columns.npz", x=table[:, 0], y=table[:, 1], z=table[:, 2])
np.savez_compressed("fortran.npz", table=np.asfortranarray(table))
np.savez("two_tables.npz", first=table, second=2 * table[:10])

with h5py.File("chunked.h5", "w") as f:
    f.create_dataset("run/events", data=table, chunks=(7, 2), compression="gzip", shuffle=True)
with h5py.File("group.h5", "w") as f:
    g = f.create_group("events", track_order=True)
    for k, name in enumerate(["z", "x", "y"]):
        g.create_dataset(name, data=table[:, k].astype(">f4" if k == 1 else "<f8"))
        g[name].attrs["unit"] = "GeV"
with h5py.File("mixed.h5", "w") as f:
    f["table"] = table
    f["other"] = table[:5]
    f["cube"] = np.zeros((2, 2, 2))
    f["scalar"] = 1.0
    f["record"] = record
    f["text"] = np.array([b"a", b"b"])
    f["flags"] = np.array([True, False])
    f["empty"] = np.zeros((0, 2))
    f["ragged/a"] = table[:, 0]
    f["ragged/b"] = table[:5, 0]
    f.create_dataset("unwritten", (1000, 2), chunks=(10, 2), dtype="f8")
with h5py.File("bomb.h5", "w") as f:
    d = f.create_dataset("events", (12_000_000,), chunks=(1_000_000,), dtype="f8", compression="gzip")
    for k in range(0, len(d), 1_000_000):
        d[k : k + 1_000_000] = np.zeros(1_000_000)
