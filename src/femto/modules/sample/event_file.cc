// Events of an unfolding from a file, with the columns that say what each event is.
#include <cmath>

#include <fmt/format.h>

#include "femto/config/registry.h"
#include "femto/core/error.h"
#include "femto/io/events.h"
#include "femto/pipeline/sample.h"

namespace femto {
namespace {

using config::field;

class EventFileSample final : public SampleSource {
 public:
  struct Config {
    config::Path path;
    std::string dataset;
    std::string weight, detected, generated;
    std::vector<std::string> columns;

    static constexpr auto fields() {
      return std::tuple{
          field<&Config::path>({.doc = "event file: .npy, .npz, .h5 or .csv",
                                .rule = config::not_empty,
                                .required = true}),
          field<&Config::dataset>(
              {.doc = "array (npz), dataset or group (HDF5); empty: the only one"}),
          field<&Config::weight>({.doc = "column of weights, which may be negative; "
                                         "empty: all are 1"}),
          field<&Config::detected>(
              {.doc = "column that is not 0 for events with measured values; empty: all "
                      "have them"}),
          field<&Config::generated>(
              {.doc = "column that is 0 for fakes, which have no true values; empty: all "
                      "have them"}),
          field<&Config::columns>(
              {.doc = "names of all columns, in order, of a file that has none"}),
      };
    }
  };

  explicit EventFileSample(Config config) : config_(std::move(config)) {}

  PairedEvents read(const SampleRequest& request) const override {
    const bool paired = request.role == Role::simulation;
    io::ReadOptions options;
    options.dataset = config_.dataset;
    options.expected_columns = config_.columns;
    options.weight = config_.weight;
    if (paired) options.columns = request.truth;
    const std::size_t truths = options.columns.size();
    for (const auto& name : request.measured) options.columns.push_back(name);
    for (const auto* flag : {&config_.detected, &config_.generated})
      if (!flag->empty()) options.columns.push_back(*flag);
    PairedEvents out;
    out.truth.resize(truths);
    out.measured.resize(request.measured.size());
    const auto reader = io::open_events(config_.path.file, options);
    io::EventTable chunk;
    while (reader->next(chunk)) take(chunk, options.columns, out);
    if (out.size() == 0)
      throw DataError(fmt::format("{} holds no events", config_.path.file.string()));
    if (!paired) out.truth.clear();
    return out;
  }

  std::string label() const override { return config_.path.file.string(); }

 private:
  void take(const io::EventTable& chunk,
            const std::vector<std::string>& names,
            PairedEvents& out) const {
    const std::size_t before = out.size(), n = chunk.rows(), truths = out.truth.size();
    std::size_t next = truths + out.measured.size();
    const auto flags = [&](const std::string& name, std::vector<std::uint8_t>& to) {
      to.resize(before + n, 1);
      if (name.empty()) return;
      const auto column = chunk.column(next++);
      for (std::size_t i = 0; i < n; ++i) to[before + i] = column[i] != 0 ? 1 : 0;
    };
    flags(config_.detected, out.detected);
    flags(config_.generated, out.generated);
    out.weight.resize(before + n, 1.0);
    if (chunk.weighted()) copy(chunk.weights(), config_.weight, before, {}, out.weight);
    for (std::size_t c = 0; c < truths; ++c)
      copy(chunk.column(c), names[c], before, out.generated, out.truth[c]);
    for (std::size_t c = 0; c < out.measured.size(); ++c)
      copy(chunk.column(truths + c),
           names[truths + c],
           before,
           out.detected,
           out.measured[c]);
  }

  /// Appends values that exist, and 0 for others; those that exist must be finite.
  void copy(std::span<const double> from,
            const std::string& name,
            std::size_t before,
            const std::vector<std::uint8_t>& exists,
            std::vector<double>& to) const {
    to.resize(before + from.size(), 0.0);
    for (std::size_t i = 0; i < from.size(); ++i) {
      const bool wanted = exists.empty() || exists[before + i];
      if (wanted && !std::isfinite(from[i]))
        throw DataError(
            fmt::format("{}: {} is {} in row {}, counting from 0",
                        config_.path.file.string(),
                        name,
                        from[i],
                        before + i),
            "missed events and fakes may lack values if `detected` and `generated` name "
            "the columns that mark them");
      to[before + i] = wanted ? from[i] : 0;
    }
  }

  Config config_;
};

}  // namespace

void register_sample_event_file(Registry& r) {
  r.add<SampleSource, EventFileSample>({
      .name = "event_file",
      .summary = "True and measured events from a .npy, .npz, HDF5 or CSV file.",
      .source = "this project",
  });
}

}  // namespace femto
