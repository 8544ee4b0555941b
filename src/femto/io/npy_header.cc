// The header of an .npy file: format 1, 2 and 3, plain and structured types.
#include <array>
#include <charconv>
#include <cstring>

#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/io/npy.h"
#include "femto/io/python_literal.h"
#include "femto/io/table_file.h"

namespace femto::io {
namespace {

using Kind = PythonLiteral::Kind;

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::uint32_t longest_header = 1 << 20;

[[noreturn]] void corrupt(const std::string& where, std::string_view why) {
  throw DataError(fmt::format("{}: the npy header is corrupt ({})", where, why),
                  "write the file again with numpy.save");
}

/// Refuses a type that is not a real number, in words.
[[noreturn]] void refuse_type(const std::string& where, const std::string& type) {
  const char kind = type.size() > 1 ? type[1] : '?';
  if (kind == 'O')
    throw DataError(
        fmt::format("{}: holds pickled Python objects (dtype object), which are never "
                    "unpacked (they can run code)",
                    where),
        "save plain numbers: numpy.save(file, array.astype(float))");
  std::string_view what = "unknown values";
  if (kind == 'c') what = "complex numbers";
  if (kind == 'b') what = "truth values (bool)";
  if (kind == 'S' || kind == 'U' || kind == 'a') what = "strings";
  if (kind == 'M' || kind == 'm') what = "dates";
  if (kind == 'V') what = "raw bytes";
  if (kind == 'f') what = "floating-point numbers of unusual size";
  throw DataError(
      fmt::format("{}: holds {} (dtype {}); events are real numbers",
                  where,
                  what,
                  printable(type)),
      "save float64, float32 or integers: numpy.save(file, array.astype(float))");
}

std::size_t type_bytes(const std::string& where, const std::string& type) {
  std::size_t bytes = 0;
  const auto* end = type.data() + type.size();
  if (type.size() < 3 || std::from_chars(type.data() + 2, end, bytes).ptr != end)
    refuse_type(where, type);
  return bytes;
}

NpyField parse_type(const std::string& where, const std::string& type) {
  NpyField field;
  if (type.size() < 3 || std::string_view("<>|=").find(type[0]) == std::string_view::npos)
    refuse_type(where, type);
  field.kind = type[1];
  field.bytes = type_bytes(where, type);
  field.big_endian = type[0] == '>';
  const bool real = field.kind == 'f' && (field.bytes == 4 || field.bytes == 8);
  const bool whole =
      (field.kind == 'i' || field.kind == 'u') &&
      (field.bytes == 1 || field.bytes == 2 || field.bytes == 4 || field.bytes == 8);
  if (!real && !whole) refuse_type(where, type);
  return field;
}

/// A list of ('name', 'type') pairs; ('', '|V4') is padding.
void parse_fields(const std::string& where,
                  const PythonLiteral& list,
                  NpyHeader& header) {
  for (const auto& item : list.items) {
    if (item.kind != Kind::sequence || item.items.size() < 2 ||
        item.items[0].kind != Kind::text)
      corrupt(where, "a field is not a pair of name and type");
    const auto& name = item.items[0].text;
    const auto& type = item.items[1];
    if (type.kind != Kind::text || item.items.size() != 2)
      throw DataError(
          fmt::format(
              "{}: field {} is itself an array or a record", where, printable(name)),
          "save one plain number per field");
    if (name.empty() && type.text.starts_with("|V")) {
      header.record_bytes += type_bytes(where, type.text);
      continue;
    }
    auto field =
        parse_type(fmt::format("{}: field {}", where, printable(name)), type.text);
    field.name = name;
    field.offset = header.record_bytes;
    header.record_bytes += field.bytes;
    header.fields.push_back(field);
  }
  if (header.fields.empty()) corrupt(where, "a record without fields");
  header.dtype = fmt::format("record of {} numbers", header.fields.size());
}

std::string type_name(const NpyField& f) {
  const std::string_view kind = f.kind == 'f' ? "float" : f.kind == 'i' ? "int" : "uint";
  const std::string_view order = f.bytes == 1   ? ""
                                 : f.big_endian ? " big-endian"
                                                : " little-endian";
  return fmt::format("{}{}{}", kind, f.bytes * 8, order);
}

std::string read_dict(ByteSource& bytes, const std::string& where, NpyHeader& header) {
  std::array<char, 12> head{};
  if (bytes.size() < head.size())
    throw DataError(
        fmt::format(
            "{}: truncated: {} bytes are less than an npy header", where, bytes.size()),
        "write or copy the file again");
  bytes.read(0, head);
  if (std::string_view(head.data(), magic.size()) != magic)
    corrupt(where, "it does not begin with \\x93NUMPY");
  const int version = head[6];
  if (version < 1 || version > 3)
    corrupt(where, fmt::format("format {}; 1 to 3 are known", version));
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  std::uint32_t length = 0;
  std::memcpy(&length, head.data() + 8, length_bytes);
  header.data_offset = 8 + length_bytes + length;
  if (length > longest_header) corrupt(where, fmt::format("it claims {} bytes", length));
  if (header.data_offset > bytes.size())
    throw DataError(
        fmt::format("{}: truncated: the npy header claims {} bytes, the file has {}",
                    where,
                    header.data_offset,
                    bytes.size()),
        "write or copy the file again");
  std::string dict(length, '\0');
  bytes.read(8 + length_bytes, dict);
  return dict;
}

}  // namespace

NpyHeader read_npy_header(ByteSource& bytes, const std::string& where) {
  NpyHeader header;
  const auto parsed = parse_python_literal(read_dict(bytes, where, header));
  if (!parsed || parsed->kind != Kind::dict) corrupt(where, "it is not a Python dict");
  const auto* descr = parsed->find("descr");
  const auto* fortran = parsed->find("fortran_order");
  const auto* shape = parsed->find("shape");
  if (descr == nullptr || fortran == nullptr || shape == nullptr)
    corrupt(where, "descr, fortran_order or shape is missing");
  if (fortran->kind != Kind::boolean || shape->kind != Kind::sequence)
    corrupt(where, "fortran_order or shape has the wrong type");
  header.order = fortran->integer != 0 ? Order::fortran : Order::c;
  for (const auto& n : shape->items) {
    if (n.kind != Kind::integer || n.integer < 0)
      corrupt(where, "shape is not made of counts");
    header.shape.push_back(static_cast<std::uint64_t>(n.integer));
  }
  if (descr->kind == Kind::text) {
    header.fields = {parse_type(where, descr->text)};
    header.record_bytes = header.fields[0].bytes;
    header.dtype = type_name(header.fields[0]);
  } else if (descr->kind == Kind::sequence) {
    parse_fields(where, *descr, header);
  } else {
    corrupt(where, "descr is no type");
  }
  if (header.shape.size() > 1)
    header.dtype += header.order == Order::fortran ? ", Fortran order" : ", C order";
  return header;
}

}  // namespace femto::io
