// The result of a run as a table for the terminal.
#pragma once
#include <string>

#include <nlohmann/json.hpp>

namespace femto::app {

/// Parameters with errors, floors and intervals, then derived quantities, what could not
/// be known, and notes. Takes the content of result.json.
std::string result_table(const nlohmann::ordered_json& result);

}  // namespace femto::app
