// The parts of the page: text first, figures below it.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "femto/report/figure.h"
#include "femto/report/record.h"

namespace femto::report {

struct Section {
  std::string id, title;
  std::string html;  // already escaped
  std::vector<Figure> figures;

  bool empty() const { return html.empty() && figures.empty(); }
};

/// The order of the page of one run; sections without content are left out.
std::vector<Section> contents(const Record& record);

/// The same for several runs; `labels` name them.
std::vector<Section> contents(std::span<const Record> records,
                              std::span<const std::string> labels);

// Texts of one run as HTML; empty where there is nothing to say.
std::string summary(const Record& record);
std::string parameter_table(const Record& record);
std::string identifiability_text(const Record& record);
std::string unfolding_text(const Record& record);
std::string impacts_text(const Record& record);
std::string belt_text(const Record& record);
std::string goodness_of_fit(const Record& record);
std::string ensemble_text(const Record& record);
std::string posterior_text(const Record& record);
std::string calibration_text(const Record& record);
std::string events_and_timing(const Record& record);
std::string notes(const Record& record);
std::string metadata(const Record& record);
std::string study_files(const Record& record);

// Texts of several runs.
std::string runs_table(std::span<const Record> records,
                       std::span<const std::string> labels);
std::string parameters_side_by_side(std::span<const Record> records,
                                    std::span<const std::string> labels);
std::string differing_settings(std::span<const Record> records,
                               std::span<const std::string> labels);

/// "0.894 N_u + 0.447 N_d" of {"N_u": 0.894, "N_d": 0.447}; negligible terms left out.
std::string shown_combination(const nlohmann::json& combination);

/// Names in a combination that are not negligible, the largest coefficient first.
std::vector<std::string> names_in(const nlohmann::json& combination);

}  // namespace femto::report
