// Walks over the values of a study document together with what they mean.
#pragma once
#include <functional>
#include <string>

#include "femto/config/registry.h"

namespace femto {

using ValueVisitor = std::function<void(config::Node& value, const config::Shape& shape)>;

/// Calls `visit` for every given value below a block with these settings, slots and their
/// components' settings included. Values of unknown settings are left out.
void for_each_value(config::Node& block,
                    const std::vector<config::Setting>& settings,
                    const Registry& registry,
                    const ValueVisitor& visit);

/// The component that a slot's value asks for; empty if it names none.
std::string component_of(const config::Node& value, const config::Shape& slot);

}  // namespace femto
