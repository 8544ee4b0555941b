// Pieces of HTML whose text is always escaped.
#include "femto/report/html.h"

#include <fmt/core.h>

#include "femto/report/numbers.h"

namespace femto::report {

using nlohmann::json;

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string paragraph(std::string_view text, std::string_view css) {
  if (css.empty()) return fmt::format("<p>{}</p>\n", escaped(text));
  return fmt::format("<p class=\"{}\">{}</p>\n", css, escaped(text));
}

std::string bullets(const std::vector<std::string>& sentences) {
  if (sentences.empty()) return {};
  std::string out = "<ul>\n";
  for (const auto& s : sentences) out += fmt::format("<li>{}</li>\n", escaped(s));
  return out + "</ul>\n";
}

std::string table(const std::vector<std::string>& head,
                  const std::vector<std::vector<std::string>>& rows) {
  std::string out = "<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr>";
  for (const auto& h : head) out += fmt::format("<th scope=\"col\">{}</th>", escaped(h));
  out += "</tr></thead>\n<tbody>\n";
  for (const auto& row : rows) {
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += i == 0 ? fmt::format("<th scope=\"row\">{}</th>", escaped(row[i]))
                    : fmt::format("<td>{}</td>", escaped(row[i]));
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string facts(const std::vector<std::pair<std::string, std::string>>& rows) {
  std::string body;
  for (const auto& [name, value] : rows) {
    if (!value.empty())
      body += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n",
                          escaped(name),
                          escaped(value));
  }
  if (body.empty()) return {};
  return "<div class=\"scroll\" tabindex=\"0\"><table class=\"facts\"><tbody>\n" + body +
         "</tbody></table></div>\n";
}

std::string listing(std::string_view text) {
  return fmt::format("<pre tabindex=\"0\">{}</pre>\n", escaped(text));
}

std::string script_json(const json& value) {
  const std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return out;
}

std::string enumerated(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 < names.size() ? ", " : " and ";
    text += names[i];
  }
  return text;
}

std::string shown_value(const json& value) {
  if (value.is_null()) return "–";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return shown(value.get<double>());
  if (!value.is_structured()) return value.dump();
  std::string out;
  for (const auto& [key, item] : value.items()) {
    if (!out.empty()) out += ", ";
    if (value.is_object()) out += key + " ";
    out += shown_value(item);
  }
  return out;
}

}  // namespace femto::report
