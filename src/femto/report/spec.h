// Building blocks of Vega-Lite specifications: colours, axes, panels.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace femto::report {

/// The colours of Okabe and Ito, told apart by people with any colour vision.
/// Source: Okabe:2002.
namespace colour {
inline constexpr std::string_view blue = "#0072B2";
inline constexpr std::string_view orange = "#E69F00";
inline constexpr std::string_view green = "#009E73";
inline constexpr std::string_view red = "#D55E00";
inline constexpr std::string_view purple = "#CC79A7";
inline constexpr std::string_view sky = "#56B4E9";
/// The colour of the page's text, light or dark.
inline constexpr std::string_view ink = "currentColor";
}  // namespace colour

/// In the order in which series take them.
std::vector<std::string> palette();

/// "title [unit]", or the title alone.
std::string with_unit(const std::string& title, const std::string& unit);

/// A quantitative channel that does not force zero into view.
nlohmann::json quantity(const std::string& field, const std::string& title);

/// The same on a logarithmic axis.
nlohmann::json logarithmic(const std::string& field, const std::string& title);

/// A panel: layers over one data table, with the width that the page gives.
nlohmann::json panel(const std::string& table, int height, nlohmann::json layers);

/// A layer of one mark; `mark` may hold further properties.
nlohmann::json layer(nlohmann::json mark, nlohmann::json encoding);

/// Panels in a grid; the page chooses the number of columns.
nlohmann::json grid(nlohmann::json panels);

/// {"filter": datum[field] == value}
nlohmann::json only(const std::string& field, const nlohmann::json& value);

/// A dashed line across the panel at a value of one axis ("x" or "y").
nlohmann::json rule_at(std::string_view axis, double value, std::string_view colour);

}  // namespace femto::report
