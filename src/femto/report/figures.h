// Every figure of the report: one file in figures/ each; nothing when its data are
// absent.
#pragma once
#include <optional>
#include <span>

#include "femto/report/figure.h"
#include "femto/report/record.h"

namespace femto::report {

// Of one run.
std::optional<Figure> belt(const Record& record);
std::optional<Figure> component_spectrum(const Record& record);
std::optional<Figure> contours(const Record& record);
std::optional<Figure> corner(const Record& record);
std::optional<Figure> data_and_fit(const Record& record);
std::optional<Figure> densities(const Record& record);
std::optional<Figure> density_ratios(const Record& record);
std::optional<Figure> eigenvalues(const Record& record);
std::optional<Figure> ensemble(const Record& record);
std::optional<Figure> errors_over_floors(const Record& record);
std::optional<Figure> gradient_norm(const Record& record);
std::optional<Figure> image(const Record& record);
std::optional<Figure> image_spectrum(const Record& record);
std::optional<Figure> impacts(const Record& record);
std::optional<Figure> loss(const Record& record);
std::optional<Figure> nuisance_pulls(const Record& record);
std::optional<Figure> profiles(const Record& record);
std::optional<Figure> pulls(const Record& record);
std::optional<Figure> trajectories(const Record& record);
std::optional<Figure> unfolded(const Record& record);
std::optional<Figure> unfolded_correlation(const Record& record);

// Of several runs; `labels` name them.
std::optional<Figure> compared_densities(std::span<const Record> records,
                                         std::span<const std::string> labels);
std::optional<Figure> compared_parameters(std::span<const Record> records,
                                          std::span<const std::string> labels);

}  // namespace femto::report
