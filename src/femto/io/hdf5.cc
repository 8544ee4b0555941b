// HDF5 objects that close themselves, and errors as DataError instead of on the screen.
#include "femto/io/hdf5.h"

#include <fmt/format.h>
#include <hdf5.h>

#include "femto/core/error.h"
#include "femto/io/output_file.h"
#include "femto/io/table_file.h"

namespace femto::io::hdf5 {
namespace {

std::recursive_mutex& library() {
  static std::recursive_mutex mutex;
  return mutex;
}

std::vector<hsize_t> shape_of(hid_t space) {
  std::vector<hsize_t> shape(
      static_cast<std::size_t>(std::max(0, H5Sget_simple_extent_ndims(space))));
  if (!shape.empty()) H5Sget_simple_extent_dims(space, shape.data(), nullptr);
  return shape;
}

Handle space_of(const Handle& set) {
  return {H5Dget_space(set.id()), H5Sclose};
}

std::string type_name(H5T_class_t kind, std::size_t bytes, bool big) {
  const std::string_view order = bytes == 1 ? "" : big ? " big-endian" : " little-endian";
  if (kind == H5T_FLOAT) return fmt::format("float{}{}", 8 * bytes, order);
  if (kind == H5T_INTEGER) return fmt::format("int{}{}", 8 * bytes, order);
  if (kind == H5T_STRING) return "strings";
  if (kind == H5T_COMPOUND) return "compound records";
  if (kind == H5T_ENUM) return "enumeration or bool";
  return kind == H5T_REFERENCE ? "references" : "other values";
}

Dataset describe(hid_t id, const std::string& path) {
  Dataset out{.path = path, .shape = {}, .values = Values::other, .type = ""};
  const Handle space(H5Dget_space(id), H5Sclose);
  const Handle type(H5Dget_type(id), H5Tclose);
  for (const auto n : shape_of(space.id())) out.shape.push_back(n);
  const auto kind = H5Tget_class(type.id());
  if (kind == H5T_FLOAT || kind == H5T_INTEGER) out.values = Values::real;
  out.type =
      type_name(kind, H5Tget_size(type.id()), H5Tget_order(type.id()) == H5T_ORDER_BE);
  return out;
}

/// The rows [first, first + count) of the file space, and the memory for them.
struct Window {
  Handle file, memory;
};

Window window(const Handle& set, std::uint64_t first, std::uint64_t count) {
  Window w{space_of(set), {}};
  auto size = shape_of(w.file.id());
  std::vector<hsize_t> start(size.size(), 0);
  if (!size.empty()) {
    start[0] = first;
    size[0] = count;
    H5Sselect_hyperslab(
        w.file.id(), H5S_SELECT_SET, start.data(), nullptr, size.data(), nullptr);
  }
  w.memory =
      size.empty()
          ? Handle(H5Screate(H5S_SCALAR), H5Sclose)
          : Handle(H5Screate_simple(static_cast<int>(size.size()), size.data(), nullptr),
                   H5Sclose);
  return w;
}

}  // namespace

Guard::Guard() : lock_(library()) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

Handle& Handle::operator=(Handle&& other) noexcept {
  if (this == &other) return *this;
  reset();
  std::swap(id_, other.id_);
  close_ = other.close_;
  return *this;
}

void Handle::reset() {
  if (id_ < 0) return;
  const std::scoped_lock lock(library());
  close_(id_);
  id_ = -1;
}

std::string latest_error() {
  std::string text;
  const auto keep = [](unsigned, const H5E_error2_t* error, void* out) -> herr_t {
    auto& kept = *static_cast<std::string*>(out);
    if (error->desc != nullptr && *error->desc != '\0') kept = error->desc;
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, keep, &text);
  return text.empty() ? "the HDF5 library gives no reason" : text;
}

Handle open_file(const std::filesystem::path& path) {
  Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
  if (!file)
    refuse(path,
           fmt::format("the HDF5 file is truncated or corrupt ({})", latest_error()),
           "write or copy the file again");
  return file;
}

Handle create_file(const std::filesystem::path& path) {
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_libver_bounds(access.id(), H5F_LIBVER_V18, H5F_LIBVER_LATEST);
  Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.id()), H5Fclose);
  if (!file) cannot_write(path, latest_error());
  return file;
}

void close_written(Handle& file, const std::filesystem::path& path) {
  const Guard guard;
  if (H5Fflush(file.id(), H5F_SCOPE_GLOBAL) < 0) cannot_write(path, latest_error());
  file.reset();
}

std::vector<Dataset> list_datasets(const Handle& file,
                                   const std::filesystem::path& path) {
  std::vector<Dataset> out;
  const auto visit =
      [](hid_t root, const char* name, const H5O_info_t* info, void* list) -> herr_t {
    if (info->type != H5O_TYPE_DATASET) return 0;
    const Handle set(H5Dopen2(root, name, H5P_DEFAULT), H5Dclose);
    if (!set) return -1;
    static_cast<std::vector<Dataset>*>(list)->push_back(
        describe(set.id(), std::string("/") + name));
    return 0;
  };
  if (H5Ovisit2(file.id(), H5_INDEX_NAME, H5_ITER_INC, visit, &out, H5O_INFO_BASIC) < 0)
    refuse(path,
           fmt::format("the HDF5 file is corrupt ({})", latest_error()),
           "write or copy the file again");
  return out;
}

std::vector<std::string> names_in(const Handle& file, const std::string& group) {
  std::vector<std::string> out;
  const Handle g(H5Gopen2(file.id(), group.c_str(), H5P_DEFAULT), H5Gclose);
  if (!g) return out;
  const Handle plan(H5Gget_create_plist(g.id()), H5Pclose);
  unsigned order = 0;
  H5Pget_link_creation_order(plan.id(), &order);
  const auto index =
      (order & H5P_CRT_ORDER_TRACKED) != 0 ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
  const auto add = [](hid_t, const char* name, const H5L_info_t*, void* list) -> herr_t {
    static_cast<std::vector<std::string>*>(list)->emplace_back(name);
    return 0;
  };
  H5Literate(g.id(), index, H5_ITER_INC, nullptr, add, &out);
  return out;
}

Handle open_dataset(const Handle& file, const std::string& name) {
  return {H5Dopen2(file.id(), name.c_str(), H5P_DEFAULT), H5Dclose};
}

namespace {

/// Makes the groups of a path that are missing, keeping the order of their members.
void make_groups(const Handle& file, const std::string& name) {
  const Handle plan(H5Pcreate(H5P_GROUP_CREATE), H5Pclose);
  H5Pset_link_creation_order(plan.id(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
  H5Pset_obj_track_times(plan.id(), 0);
  for (auto slash = name.find('/', 1); slash != std::string::npos;
       slash = name.find('/', slash + 1)) {
    const auto group = name.substr(0, slash);
    if (H5Lexists(file.id(), group.c_str(), H5P_DEFAULT) <= 0)
      const Handle made(
          H5Gcreate2(file.id(), group.c_str(), H5P_DEFAULT, plan.id(), H5P_DEFAULT),
          H5Gclose);
  }
}

}  // namespace

Handle create_dataset(const Handle& file, const std::string& name, const Layout& layout) {
  make_groups(file, name);
  const std::vector<hsize_t> now(layout.shape.begin(), layout.shape.end());
  auto most = now;
  if (layout.growth == Growth::rows) most[0] = H5S_UNLIMITED;
  const Handle space =
      now.empty() ? Handle(H5Screate(H5S_SCALAR), H5Sclose)
                  : Handle(H5Screate_simple(
                               static_cast<int>(now.size()), now.data(), most.data()),
                           H5Sclose);
  const Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_char_encoding(links.id(), H5T_CSET_UTF8);
  const Handle plan(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(plan.id(), 0);  // equal content gives equal files
  if (!layout.chunk.empty()) {
    const std::vector<hsize_t> chunk(layout.chunk.begin(), layout.chunk.end());
    H5Pset_chunk(plan.id(), static_cast<int>(chunk.size()), chunk.data());
    if (layout.deflate > 0) {
      H5Pset_shuffle(plan.id());
      H5Pset_deflate(plan.id(), static_cast<unsigned>(layout.deflate));
    }
  }
  return {H5Dcreate2(file.id(),
                     name.c_str(),
                     H5T_IEEE_F64LE,
                     space.id(),
                     links.id(),
                     plan.id(),
                     H5P_DEFAULT),
          H5Dclose};
}

void write_text(const Handle& object, const std::string& name, std::string_view text) {
  const Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.id(), std::max<std::size_t>(1, text.size()));
  H5Tset_cset(type.id(), H5T_CSET_UTF8);
  H5Tset_strpad(type.id(), H5T_STR_NULLPAD);
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  const Handle attribute(
      H5Acreate2(
          object.id(), name.c_str(), type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT),
      H5Aclose);
  const std::string value = text.empty() ? std::string(1, '\0') : std::string(text);
  if (!attribute || H5Awrite(attribute.id(), type.id(), value.data()) < 0)
    throw Error(
        fmt::format("cannot write the attribute '{}' ({})", name, latest_error()));
}

std::string read_text(const Handle& object, const std::string& name) {
  if (H5Aexists(object.id(), name.c_str()) <= 0) return {};
  const Handle attribute(H5Aopen(object.id(), name.c_str(), H5P_DEFAULT), H5Aclose);
  const Handle type(H5Aget_type(attribute.id()), H5Tclose);
  const Handle space(H5Aget_space(attribute.id()), H5Sclose);
  if (H5Tget_class(type.id()) != H5T_STRING ||
      H5Sget_simple_extent_npoints(space.id()) != 1)
    return {};
  if (H5Tis_variable_str(type.id()) > 0) {
    char* text = nullptr;
    if (H5Aread(attribute.id(), type.id(), &text) < 0 || text == nullptr) return {};
    std::string out(text);
    H5free_memory(text);
    return out;
  }
  std::string out(H5Tget_size(type.id()), '\0');
  if (H5Aread(attribute.id(), type.id(), out.data()) < 0) return {};
  out.resize(std::min(out.size(), out.find('\0')));
  return out;
}

bool read_rows(const Handle& set, std::uint64_t first, std::uint64_t count, double* out) {
  const auto w = window(set, first, count);
  return H5Dread(
             set.id(), H5T_NATIVE_DOUBLE, w.memory.id(), w.file.id(), H5P_DEFAULT, out) >=
         0;
}

bool write_rows(const Handle& set,
                std::uint64_t first,
                std::uint64_t count,
                const double* in) {
  const auto w = window(set, first, count);
  return H5Dwrite(
             set.id(), H5T_NATIVE_DOUBLE, w.memory.id(), w.file.id(), H5P_DEFAULT, in) >=
         0;
}

bool resize_rows(const Handle& set, std::uint64_t rows) {
  auto shape = shape_of(space_of(set).id());
  shape[0] = rows;
  return H5Dset_extent(set.id(), shape.data()) >= 0;
}

Stored stored(const Handle& set) {
  Stored out{.bytes = H5Dget_storage_size(set.id())};
  const Handle plan(H5Dget_create_plist(set.id()), H5Pclose);
  if (H5Pget_layout(plan.id()) != H5D_CHUNKED) return out;
  const Handle space = space_of(set);
  const auto shape = shape_of(space.id());
  std::vector<hsize_t> chunk(shape.size());
  H5Pget_chunk(plan.id(), static_cast<int>(chunk.size()), chunk.data());
  hsize_t wanted = 1;
  for (std::size_t i = 0; i < shape.size(); ++i)
    wanted *= (shape[i] + chunk[i] - 1) / chunk[i];
  hsize_t there = 0;
  out.complete = H5Dget_num_chunks(set.id(), space.id(), &there) >= 0 && there == wanted;
  return out;
}

}  // namespace femto::io::hdf5
