// Follows nodes and shapes side by side.
#include "femto/pipeline/study_walk.h"

namespace femto {

using config::Node;
using config::Shape;

std::string component_of(const Node& value, const Shape& slot) {
  const Node* type = value.type == Node::Type::scalar ? &value : value.find("type");
  const auto& name = type ? type->scalar : slot.default_type;
  return slot.optional && name == "none" ? std::string() : name;
}

namespace {

void walk(Node& node,
          const Shape& shape,
          const Registry& registry,
          const ValueVisitor& visit) {
  visit(node, shape);
  switch (shape.form) {
    case Shape::Form::list:
      for (auto& item : node.list) walk(item, shape.inner[0], registry, visit);
      break;
    case Shape::Form::table:
      for (auto& entry : node.map) walk(entry.value, shape.inner[0], registry, visit);
      break;
    case Shape::Form::block:
      for_each_value(node, shape.settings, registry, visit);
      break;
    case Shape::Form::slot: {
      const auto& shelf = registry.shelf(shape.kind);
      const auto found = shelf.find(component_of(node, shape));
      if (found != shelf.end())
        for_each_value(node, found->second.settings(), registry, visit);
      break;
    }
    default:
      break;
  }
}

}  // namespace

void for_each_value(Node& block,
                    const std::vector<config::Setting>& settings,
                    const Registry& registry,
                    const ValueVisitor& visit) {
  for (const auto& setting : settings)
    if (auto* value = block.find(setting.name))
      walk(*value, setting.shape, registry, visit);
}

}  // namespace femto
