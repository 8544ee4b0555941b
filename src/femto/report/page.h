// The parts of the page that are not data; made from page/ and web/ when building.
#pragma once
#include <string>

namespace femto::report::page {

/// The HTML with places "{{name}}" to fill.
const std::string& skeleton();
const std::string& style();

/// Draws the charts and makes their buttons work.
const std::string& page_script();

/// Vega, Vega-Lite and Vega-Embed, minified.
const std::string& library_script();

/// Licences of the bundled library.
const std::string& licences();

}  // namespace femto::report::page
