// The order of the page.
#include "femto/report/figures.h"
#include "femto/report/html.h"
#include "femto/report/sections.h"

namespace femto::report {

namespace {

using Draw = std::optional<Figure> (*)(const Record&);
using Write = std::string (*)(const Record&);

struct Entry {
  const char *id, *title;
  Write write;
  std::vector<Draw> draw;
};

const std::vector<Entry>& entries() {
  static const std::vector<Entry> all{
      {"image", "Image", nullptr, {image, image_spectrum}},
      {"parameters", "Parameters", parameter_table, {}},
      {"identifiability",
       "What the data can tell",
       identifiability_text,
       {component_spectrum, eigenvalues}},
      {"unfolding", "Unfolding", unfolding_text, {unfolded, unfolded_correlation}},
      {"fit", "Data against fit", nullptr, {data_and_fit}},
      {"densities", "Densities", nullptr, {densities, density_ratios}},
      {"pairs", "Parameters in pairs", nullptr, {corner}},
      {"profiles", "Profile likelihoods", nullptr, {profiles}},
      {"contours", "Contours", nullptr, {contours}},
      {"belt", "Intervals by toys", belt_text, {belt}},
      {"convergence", "Convergence", nullptr, {loss, gradient_norm, trajectories}},
      {"ensemble", "Ensemble", ensemble_text, {ensemble}},
      {"quality", "Errors, floors and pulls", nullptr, {errors_over_floors, pulls}},
      {"impacts", "Impacts and pulls", impacts_text, {impacts, nuisance_pulls}},
      {"posterior", "Draws from the posterior", posterior_text, {}},
      {"calibration", "Calibration", calibration_text, {}},
      {"goodness", "Goodness of fit", goodness_of_fit, {}},
      {"events", "Events and timing", events_and_timing, {}},
      {"notes", "Notes", notes, {}},
      {"run", "How it was made", metadata, {}},
      {"study", "The study", study_files, {}},
  };
  return all;
}

void add(std::vector<Section>& sections, Section section) {
  if (section.empty()) return;
  if (section.html.empty() && section.figures.size() == 1)
    section.figures.front().title.clear();  // the section's title says it
  sections.push_back(std::move(section));
}

void add(std::vector<Figure>& figures, std::optional<Figure> figure) {
  if (figure) figures.push_back(std::move(*figure));
}

}  // namespace

std::vector<Section> contents(const Record& record) {
  std::vector<Section> sections;
  for (const Entry& e : entries()) {
    Section s{e.id, e.title, e.write ? e.write(record) : std::string{}, {}};
    for (const Draw draw : e.draw) add(s.figures, draw(record));
    add(sections, std::move(s));
  }
  return sections;
}

std::vector<Section> contents(std::span<const Record> records,
                              std::span<const std::string> labels) {
  std::vector<Section> sections;
  add(sections, {"runs", "Runs", runs_table(records, labels), {}});
  Section parameters{
      "parameters", "Parameters", parameters_side_by_side(records, labels), {}};
  add(parameters.figures, compared_parameters(records, labels));
  add(sections, std::move(parameters));
  Section curves{"densities", "Densities", {}, {}};
  add(curves.figures, compared_densities(records, labels));
  add(sections, std::move(curves));
  add(sections,
      {"settings", "Settings that differ", differing_settings(records, labels), {}});
  return sections;
}

}  // namespace femto::report
