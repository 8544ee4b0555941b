// JSON Schema, draft 2020-12, from settings and the registry.
#include "femto/config/schema.h"

#include <charconv>
#include <cmath>
#include <set>

#include <nlohmann/json.hpp>

namespace femto::config {
namespace {

using Json = nlohmann::json;

Json plain_value(const Shape& shape, const Node& node) {
  if (node.type == Node::Type::null) return nullptr;
  if (shape.optional && node.scalar == "none" && !node.quoted) return "none";
  if (node.type == Node::Type::list) {
    auto out = Json::array();
    for (const auto& item : node.list)
      out.push_back(plain_value(shape.inner.front(), item));
    return out;
  }
  if (node.type == Node::Type::map) {
    auto out = Json::object();
    const bool table = shape.form == Shape::Form::table;
    for (const auto& entry : node.map)
      out[entry.key] = table ? plain_value(shape.inner.front(), entry.value)
                             : Json(entry.value.scalar);
    return out;
  }
  const bool number =
      shape.form == Shape::Form::number || shape.form == Shape::Form::whole;
  if (shape.form == Shape::Form::flag) return node.scalar == "true";
  const auto parsed = Json::parse(node.scalar, nullptr, /*allow_exceptions=*/false);
  return number && parsed.is_number() ? parsed : Json(node.scalar);
}

class Writer {
 public:
  explicit Writer(const Registry& registry) : registry_(registry) {}

  Json block(const std::vector<Setting>& settings) {
    auto properties = Json::object();
    auto required = Json::array();
    for (const auto& s : settings) {
      properties[s.name] = setting(s);
      if (!s.was.empty()) {
        properties[s.was] = setting(s);
        properties[s.was]["deprecated"] = true;
      }
      if (s.required && s.was.empty()) required.push_back(s.name);
    }
    Json out{{"type", "object"},
             {"properties", std::move(properties)},
             {"additionalProperties", false}};
    if (!required.empty()) out["required"] = std::move(required);
    return out;
  }

  Json component(const Registry::Entry& entry) {
    auto out = block(entry.settings());
    out["properties"]["type"] = {{"const", entry.about.name}};
    out["title"] = entry.kind + "/" + entry.about.name;
    out["description"] = entry.about.summary;
    return out;
  }

  Json definitions() { return std::move(definitions_); }

 private:
  Json setting(const Setting& s) {
    auto out = value(s.shape, s.rule);
    out["description"] = s.unit.empty() ? s.doc : s.doc + " [" + s.unit + "]";
    const auto form = s.shape.form;
    const bool nested = form == Shape::Form::block || form == Shape::Form::slot ||
                        (form == Shape::Form::list && holds_blocks(s.shape)) ||
                        (form == Shape::Form::table && holds_blocks(s.shape));
    if (!s.required && !nested) out["default"] = plain_value(s.shape, s.default_value);
    return out;
  }

  static bool holds_blocks(const Shape& shape) {
    if (shape.form == Shape::Form::block || shape.form == Shape::Form::slot) return true;
    return !shape.inner.empty() && holds_blocks(shape.inner.front());
  }

  Json value(const Shape& shape, const Rule& rule) {
    auto out = one_value(shape, rule);
    if (!shape.optional) return out;
    return {{"anyOf", Json::array({out, {{"enum", {"none", nullptr}}}})}};
  }

  Json one_value(const Shape& shape, const Rule& rule) {
    using Form = Shape::Form;
    switch (shape.form) {
      case Form::flag:
        return {{"type", "boolean"}};
      case Form::whole:
        return whole(shape, rule);
      case Form::number:
        return with_range({{"type", "number"}}, rule);
      case Form::text:
      case Form::path: {
        Json out{{"type", "string"}};
        if (rule.filled) out["minLength"] = 1;
        return out;
      }
      case Form::choice:
        return {{"enum", shape.choices}};
      case Form::list:
        return list(shape, rule);
      case Form::table:
        return {{"type", "object"},
                {"additionalProperties", value(shape.inner.front(), rule)}};
      case Form::block:
        return block(shape.settings);
      case Form::slot:
        return slot(shape);
    }
    return Json::object();
  }

  static Json end_of_range(double x) {
    const bool whole = x == std::floor(x) && std::abs(x) < 1e15;
    return whole ? Json(static_cast<std::int64_t>(x)) : Json(x);
  }

  static Json with_range(Json out, const Rule& rule) {
    if (std::isfinite(rule.min))
      out[rule.above_min ? "exclusiveMinimum" : "minimum"] = end_of_range(rule.min);
    if (std::isfinite(rule.max))
      out[rule.below_max ? "exclusiveMaximum" : "maximum"] = end_of_range(rule.max);
    return out;
  }

  static Json whole(const Shape& shape, const Rule& rule) {
    auto out = with_range({{"type", "integer"}}, rule);
    if (!out.contains("minimum") && !out.contains("exclusiveMinimum"))
      out["minimum"] = shape.least;
    if (!out.contains("maximum") && !out.contains("exclusiveMaximum"))
      out["maximum"] = shape.most;
    return out;
  }

  Json list(const Shape& shape, const Rule& rule) {
    Json out{{"type", "array"}, {"items", value(shape.inner.front(), rule)}};
    if (rule.filled) out["minItems"] = 1;
    if (shape.length > 0) out["minItems"] = out["maxItems"] = shape.length;
    return out;
  }

  // One alternative per component, and the bare name. `type` may only be left out for
  // the default component, so an object fits exactly one alternative.
  Json slot(const Shape& shape) {
    auto alternatives = Json::array();
    auto bare = Json::array();
    for (const auto& [name, entry] : registry_.shelf(shape.kind)) {
      const auto key = shape.kind + "." + name;
      if (started_.insert(key).second) definitions_[key] = component(entry);
      Json one{{"$ref", "#/$defs/" + key}};
      if (name != shape.default_type) one["required"] = {"type"};
      alternatives.push_back(std::move(one));
      bare.push_back(name);
    }
    alternatives.push_back({{"enum", std::move(bare)}});
    return {{"oneOf", std::move(alternatives)}};
  }

  const Registry& registry_;
  std::set<std::string> started_;
  Json definitions_ = Json::object();
};

Json finished(Json out, Writer& writer) {
  out["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  if (auto definitions = writer.definitions(); !definitions.empty())
    out["$defs"] = std::move(definitions);
  return out;
}

}  // namespace

nlohmann::json schema_of(const std::vector<Setting>& settings,
                         const Registry& registry,
                         const std::string& title) {
  Writer writer(registry);
  auto out = writer.block(settings);
  out["title"] = title;
  return finished(std::move(out), writer);
}

nlohmann::json schema_of(const Registry::Entry& entry, const Registry& registry) {
  Writer writer(registry);
  return finished(writer.component(entry), writer);
}

}  // namespace femto::config
