// Named arrays of a run in one HDF5 file, each with unit, dims and a sentence.
#include "femto/io/arrays.h"

#include <algorithm>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/io/bytes.h"
#include "femto/io/hdf5.h"
#include "femto/io/output_file.h"
#include "femto/io/table_file.h"

namespace femto::io {
namespace {

constexpr std::size_t compress_from = 1024;  ///< values; smaller arrays gain nothing
constexpr std::uint64_t chunk_values = 1 << 15;

std::uint64_t product(std::span<const std::uint64_t> shape) {
  return std::accumulate(
      shape.begin(), shape.end(), std::uint64_t{1}, std::multiplies<>());
}

void check(const Array& a, std::set<std::string>& seen) {
  const std::vector<std::uint64_t> shape(a.shape.begin(), a.shape.end());
  expect(!a.name.empty() && seen.insert(a.name).second,
         "arrays of a run have names of their own");
  expect(product(shape) == a.values.size(), "the shape of an array fits its values");
  expect(a.dims.size() == a.shape.size(), "an array names each of its axes");
}

hdf5::Layout layout_of(const Array& a) {
  hdf5::Layout out{{a.shape.begin(), a.shape.end()}, {}, 0, hdf5::Growth::fixed};
  if (a.values.size() < compress_from) return out;
  const auto per_row = std::max<std::uint64_t>(1, a.values.size() / out.shape[0]);
  out.chunk = out.shape;
  out.chunk[0] = std::clamp<std::uint64_t>(chunk_values / per_row, 1, out.shape[0]);
  out.deflate = 4;
  return out;
}

Array read_one(const std::filesystem::path& path,
               const hdf5::Handle& file,
               const hdf5::Dataset& d) {
  if (d.values != hdf5::Values::real)
    refuse(path, fmt::format("dataset '{}' holds {}, expected numbers", d.path, d.type));
  const auto set = hdf5::open_dataset(file, d.path);
  Array a{.name = d.path.substr(1),
          .shape = {d.shape.begin(), d.shape.end()},
          .values = {},
          .unit = hdf5::read_text(set, "unit"),
          .dims = {},
          .about = hdf5::read_text(set, "about")};
  const auto n = product(d.shape);
  constexpr std::uint64_t most = std::uint64_t{8} << 30;
  refuse_bomb(path, d.path, hdf5::stored(set).bytes, n * sizeof(double), most);
  a.values.resize(n);
  if (n > 0 &&
      !hdf5::read_rows(set, 0, d.shape.empty() ? 1 : d.shape[0], a.values.data()))
    refuse(
        path,
        fmt::format("dataset '{}' cannot be read: the file is truncated or corrupt ({})",
                    d.path,
                    hdf5::latest_error()));
  const auto dims = hdf5::read_text(set, "dims");
  for (std::size_t at = 0; at < dims.size();) {
    const auto end = std::min(dims.find(',', at), dims.size());
    a.dims.push_back(dims.substr(at, end - at));
    at = end + 1;
  }
  return a;
}

}  // namespace

void write_arrays(const std::filesystem::path& path, std::span<const Array> arrays) {
  const hdf5::Guard guard;
  std::set<std::string> seen;
  for (const auto& a : arrays) check(a, seen);
  OutputFile output(path, Existing::overwrite);
  auto file = hdf5::create_file(output.part());
  for (const auto& a : arrays) {
    const auto set = hdf5::create_dataset(file, a.name, layout_of(a));
    const bool written =
        set &&
        (a.values.empty() ||
         hdf5::write_rows(set, 0, a.shape.empty() ? 1 : a.shape[0], a.values.data()));
    if (!written)
      cannot_write(path, fmt::format("array '{}': {}", a.name, hdf5::latest_error()));
    hdf5::write_text(set, "unit", a.unit);
    hdf5::write_text(set, "dims", fmt::format("{}", fmt::join(a.dims, ",")));
    hdf5::write_text(set, "about", a.about);
  }
  hdf5::close_written(file, path);
  output.commit();
}

std::vector<Array> read_arrays(const std::filesystem::path& path) {
  check_readable(path);
  const hdf5::Guard guard;
  const auto file = hdf5::open_file(path);
  std::vector<Array> out;
  for (const auto& d : hdf5::list_datasets(file, path))
    out.push_back(read_one(path, file, d));
  std::sort(out.begin(), out.end(), [](const Array& a, const Array& b) {
    return a.name < b.name;
  });
  return out;
}

}  // namespace femto::io
