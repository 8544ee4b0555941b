// Puts sections, figures and the chart library into the skeleton of the page.
#include "femto/report/report.h"

#include <algorithm>
#include <ranges>

#include <fmt/core.h>

#include "femto/core/error.h"
#include "femto/core/files.h"
#include "femto/report/html.h"
#include "femto/report/page.h"
#include "femto/report/sections.h"

namespace femto {

namespace fs = std::filesystem;

namespace report {

namespace {

struct Page {
  std::string title, status, summary;
  std::vector<Section> sections;
};

std::string figure_html(const Figure& figure) {
  const std::string id = escaped(figure.id);
  std::string html =
      fmt::format("<figure id=\"figure-{}\" data-figure=\"{}\">\n", id, id);
  if (!figure.title.empty()) html += fmt::format("<h3>{}</h3>\n", escaped(figure.title));
  html += "<div class=\"buttons\"></div>\n<div class=\"chart\"></div>\n";
  html += fmt::format("<figcaption>{}</figcaption>\n", escaped(figure.caption));
  html += "<div class=\"data\" hidden></div>\n";
  html += fmt::format("<script type=\"application/json\">{}</script>\n</figure>\n",
                      script_json(to_json(figure)));
  return html;
}

std::string body_of(const std::vector<Section>& sections) {
  std::string html;
  for (const Section& s : sections) {
    html += fmt::format(
        "<section id=\"{}\">\n<h2>{}</h2>\n{}", s.id, escaped(s.title), s.html);
    for (const Figure& f : s.figures) html += figure_html(f);
    html += "</section>\n";
  }
  return html;
}

std::string links_to(const std::vector<Section>& sections) {
  std::string html;
  for (const Section& s : sections)
    html += fmt::format("<a href=\"#{}\">{}</a>\n", s.id, escaped(s.title));
  return html;
}

/// Replaces every "{{key}}" of the skeleton once, from front to back, so that text put in
/// is never searched again.
std::string filled(
    std::string_view skeleton,
    const std::vector<std::pair<std::string_view, std::string_view>>& parts) {
  std::string out;
  while (true) {
    const auto open = skeleton.find("{{");
    out += skeleton.substr(0, open);
    if (open == std::string_view::npos) return out;
    const auto close = skeleton.find("}}", open);
    const auto key = skeleton.substr(open + 2, close - open - 2);
    const auto part =
        std::ranges::find(parts, key, [](const auto& p) { return p.first; });
    expect(part != parts.end(), "the report's skeleton asks for a part that is not made");
    out += part->second;
    skeleton.remove_prefix(close + 2);
  }
}

std::string html_of(const Page& page) {
  return filled(page::skeleton(),
                {{"title", escaped(page.title)},
                 {"status", escaped(page.status)},
                 {"style", page::style()},
                 {"links", links_to(page.sections)},
                 {"summary", page.summary},
                 {"body", body_of(page.sections)},
                 {"licences", escaped(page::licences())},
                 {"library", page::library_script()},
                 {"script", page::page_script()}});
}

/// The folder's name, with as many parents as it takes to tell the runs apart.
std::vector<std::string> labels_of(std::span<const fs::path> folders) {
  const auto tail = [](const fs::path& folder, int parts) {
    fs::path path = fs::absolute(folder).lexically_normal();
    if (!path.has_filename()) path = path.parent_path();
    fs::path label = path.filename();
    for (; parts > 1 && path.has_relative_path(); --parts) {
      path = path.parent_path();
      label = path.filename() / label;
    }
    return label.string();
  };
  std::vector<std::string> labels;
  for (int parts = 1; parts <= 4; ++parts) {
    labels.clear();
    for (const auto& folder : folders) labels.push_back(tail(folder, parts));
    auto sorted = labels;
    std::ranges::sort(sorted);
    if (std::ranges::adjacent_find(sorted) == sorted.end()) return labels;
  }
  for (std::size_t k = 0; k < labels.size(); ++k) labels[k] += fmt::format(" #{}", k + 1);
  return labels;
}

}  // namespace

}  // namespace report

void write_report(std::span<const fs::path> run_folders, const fs::path& out) {
  using namespace report;
  expect(!run_folders.empty(), "a report is made from at least one run folder");
  std::vector<Record> records;
  for (const auto& folder : run_folders) records.push_back(read_record(folder));
  Page page;
  if (records.size() == 1) {
    page = {
        records[0].name, state(records[0]), summary(records[0]), contents(records[0])};
  } else {
    const auto labels = labels_of(run_folders);
    page = {fmt::format("{} runs side by side", records.size()),
            "comparison",
            paragraph("Estimates of several runs, with what differs between them."),
            contents(records, labels)};
  }
  fs::path target = out;
  if (target.empty())
    target = records.size() == 1 ? run_folders[0] / "report.html"
                                 : fs::path("comparison.html");
  write_file_atomically(target, html_of(page));
}

}  // namespace femto
