// Reads and counts pairs of values; lost events have no measured one.
#include "femto/pipeline/response_pairs.h"

#include <cmath>

#include <fmt/format.h>

#include "femto/core/error.h"
#include "femto/io/events.h"

namespace femto {

ResponsePairs read_pairs(const PairsFile& from, const std::string& column) {
  io::ReadOptions options;
  options.dataset = from.dataset;
  options.columns = {from.truth.empty() ? column + "_true" : from.truth,
                     from.measured.empty() ? column : from.measured};
  if (!from.detected.empty()) options.columns.push_back(from.detected);
  ResponsePairs out;
  const auto reader = io::open_events(from.file.file, options);
  io::EventTable chunk;
  while (reader->next(chunk))
    for (std::size_t i = 0; i < chunk.rows(); ++i) {
      const bool kept = from.detected.empty() || chunk.column(2)[i] != 0;
      out.truth.push_back(chunk.column(0)[i]);
      out.measured.push_back(kept ? chunk.column(1)[i] : std::nan(""));
      if (!std::isfinite(out.truth.back()) ||
          (kept && !std::isfinite(out.measured.back())))
        throw Error(fmt::format("{}: row {}, counting from 0, has values that are not "
                                "finite",
                                from.file.file.string(),
                                out.truth.size() - 1),
                    "mark lost events with a column named in `detected`");
    }
  return out;
}

PairCounts PairCounts::resampled(const random::Stream& stream) const {
  PairCounts out = *this;
  std::uint64_t index = 0;
  const auto drawn = [&](double n) {
    return static_cast<double>(random::poisson(random::uniform(stream, index++), n));
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    double rest = all[i], sum = 0;
    for (double& n : out.counts[i]) {
      rest -= n;
      sum += n = drawn(n);
    }
    out.all[i] = sum + drawn(rest);
    if (out.all[i] > 0) continue;
    out.counts[i] = counts[i];
    out.all[i] = all[i];
  }
  return out;
}

PairCounts counted(const ResponsePairs& pairs,
                   const std::vector<double>& from,
                   const std::vector<double>& to,
                   const CountedPairs& who) {
  std::vector<double> all(from.size() - 1);
  std::vector<std::vector<double>> counts(all.size(), std::vector<double>(to.size() - 1));
  for (std::size_t i = 0; i < pairs.truth.size(); ++i) {
    const auto row = bin_in(from, pairs.truth[i]);
    if (row < 0) continue;
    ++all[static_cast<std::size_t>(row)];
    const auto bin = bin_in(to, pairs.measured[i]);
    if (bin >= 0) ++counts[static_cast<std::size_t>(row)][static_cast<std::size_t>(bin)];
  }
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i] == 0)
      throw Error(fmt::format("{} holds no event with true {} in [{:.4g}, {:.4g}], where "
                              "the theory has events",
                              who.file,
                              who.column,
                              from[i],
                              from[i + 1]),
                  who.hint);
  return {from, to, counts, all};
}

}  // namespace femto
