// The gradients of all ranks on every rank, combined there, robustly if wanted.
#include <algorithm>
#include <array>
#include <cmath>

#include "femto/config/registry.h"
#include "femto/exchange/member.h"

namespace femto {
namespace {

using namespace exchange;

enum class Combine { mean, median, trimmed_mean };

constexpr std::array<std::pair<std::string_view, Combine>, 3> names(Combine) {
  return {{{"mean", Combine::mean},
           {"median", Combine::median},
           {"trimmed_mean", Combine::trimmed_mean}}};
}

struct Settings {
  Combine combine = Combine::mean;
  double trim = 0.2;
  std::uint64_t check_every = 100;

  static constexpr auto fields() {
    return std::tuple{
        config::field<&Settings::combine>(
            {.doc =
                 "what becomes of the gradients of all ranks, number by number; median "
                 "and trimmed_mean bear with ranks that go astray"}),
        config::field<&Settings::trim>(
            {.doc = "fraction of the ranks that trimmed_mean leaves out at each end",
             .rule = config::between(0, 0.49)}),
        config::field<&Settings::check_every>(
            {.doc = "steps between checks that the weights are the same bits on all "
                    "ranks; 0 = never"})};
  }
};

/// Mean of the middle values, `out_each` left out at both ends.
float middle_mean(std::vector<float>& values, std::size_t out_each) {
  std::sort(values.begin(), values.end());
  double sum = 0;
  for (std::size_t i = out_each; i < values.size() - out_each; ++i) sum += values[i];
  return static_cast<float>(sum / static_cast<double>(values.size() - 2 * out_each));
}

class Gathering final : public Replica {
 public:
  Gathering(Communicator& group, std::vector<Part> parts, const Settings& config)
      : me_(group, std::move(parts)), config_(config) {}

  void begin(std::span<float> weights) override { me_.take_weights_of_first(weights); }

  void gradients(std::uint64_t, std::span<float> gradient) override {
    me_.check(gradient);
    const auto ranks = static_cast<std::size_t>(me_.group.size());
    const std::size_t n = gradient.size();
    all_.resize(n * ranks);
    allgather<float>(me_.group, gradient, all_, me_.gradient);
    if (config_.combine == Combine::mean) {
      std::vector<float*> terms;
      for (std::size_t r = 0; r < ranks; ++r) terms.push_back(all_.data() + r * n);
      tree_sum<float>(terms, n);
      for (std::size_t i = 0; i < n; ++i)
        gradient[i] = all_[i] / static_cast<float>(ranks);
    } else {
      const auto out_each =
          config_.combine == Combine::median
              ? (ranks - 1) / 2
              : static_cast<std::size_t>(config_.trim * static_cast<double>(ranks));
      std::vector<float> values(ranks);
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t r = 0; r < ranks; ++r) values[r] = all_[r * n + i];
        gradient[i] = middle_mean(values, out_each);
      }
    }
    me_.met();
  }

  void weights(std::uint64_t step, std::span<float> weights) override {
    ++me_.report.steps;
    if (ends_round(step, config_.check_every)) check_same(me_.group, weights, step);
  }

  Range owned() const override { return me_.all(); }

  Report report() const override { return me_.books(); }

 private:
  Member me_;
  Settings config_;
  std::vector<float> all_;
};

class AllGather final : public Exchange {
 public:
  using Config = Settings;

  explicit AllGather(Config config) : config_(config) {}

  Terms terms(int) const override {
    return {.averages = Terms::Averages::gradients,
            .like_one_rank = config_.combine == Combine::mean};
  }

  std::unique_ptr<Replica> join(Communicator& group,
                                std::vector<Part> parts) const override {
    return std::make_unique<Gathering>(group, std::move(parts), config_);
  }

 private:
  Config config_;
};

}  // namespace

void register_exchange_allgather(Registry& r) {
  r.add<Exchange, AllGather>({
      .name = "allgather",
      .summary = "Every rank receives all gradients; mean, median or trimmed mean.",
      .source = "Yin:2018",
  });
}

}  // namespace femto
