// Pieces of HTML whose text is always escaped.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace femto::report {

/// Text for element content and quoted attributes.
std::string escaped(std::string_view text);

/// "<p>text</p>", escaped; `css` is an optional class of the page's style.
std::string paragraph(std::string_view text, std::string_view css = {});

/// A list of sentences, escaped; empty if there are none.
std::string bullets(const std::vector<std::string>& sentences);

/// A table in a box that scrolls on a narrow screen. The first column heads its row.
/// Cells are escaped. A row may be shorter than the head.
std::string table(const std::vector<std::string>& head,
                  const std::vector<std::vector<std::string>>& rows);

/// A two-column table of facts; facts with an empty value are left out.
std::string facts(const std::vector<std::pair<std::string, std::string>>& rows);

/// Text as given, in a scrolling box.
std::string listing(std::string_view text);

/// JSON that is safe inside a script element. Broken UTF-8 is replaced.
std::string script_json(const nlohmann::json& value);

/// "a, b and c".
std::string enumerated(const std::vector<std::string>& names);

/// A JSON value as short text; objects and lists as "key value, key value".
std::string shown_value(const nlohmann::json& value);

}  // namespace femto::report
