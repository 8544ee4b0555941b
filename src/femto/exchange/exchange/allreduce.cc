// The mean gradient of all ranks, in buckets that travel while the rest is computed.
#include "femto/config/registry.h"
#include "femto/exchange/member.h"

namespace femto {
namespace {

using namespace exchange;

class MeanGradient final : public Replica {
 public:
  MeanGradient(Communicator& group,
               std::vector<Part> parts,
               std::size_t bucket,
               std::uint64_t check_every)
      : me_(group, std::move(parts)), check_every_(check_every) {
    // From the last part on, the order in which a backward pass finishes them.
    for (std::size_t to = me_.layout.parts(); to > 0;) {
      std::size_t from = to, size = 0;
      while (from > 0 && size < bucket) {
        const auto part = me_.layout.part(--from);
        size += part.end - part.begin;
      }
      buckets_.push_back({from, to, me_.layout.words("gradient", from, to), 0, {}});
      to = from;
    }
  }

  void begin(std::span<float> weights) override { me_.take_weights_of_first(weights); }

  void ready(std::size_t part, std::span<float> gradient) override {
    for (auto& b : buckets_)
      if (part >= b.first && part < b.last && ++b.ready == b.last - b.first)
        start(b, gradient);
  }

  void gradients(std::uint64_t, std::span<float> gradient) override {
    me_.check(gradient);
    for (auto& b : buckets_)
      if (!b.mean) start(b, gradient);
    for (auto& b : buckets_) {
      b.mean->finish();
      b.mean.reset();
      b.ready = 0;
    }
    me_.met();
  }

  void weights(std::uint64_t step, std::span<float> weights) override {
    ++me_.report.steps;
    if (ends_round(step, check_every_)) check_same(me_.group, weights, step);
  }

  Range owned() const override { return me_.all(); }

  Report report() const override { return me_.books(); }

 private:
  struct Bucket {
    std::size_t first, last;  // parts
    std::string words;
    std::size_t ready;
    std::unique_ptr<Reduction<float>> mean;  // under way
  };

  void start(Bucket& b, std::span<float> gradient) {
    const auto begin = me_.layout.part(b.first).begin;
    const auto end = me_.layout.part(b.last - 1).end;
    b.mean = std::make_unique<Reduction<float>>(me_.group,
                                                gradient.subspan(begin, end - begin),
                                                static_cast<float>(me_.group.size()),
                                                b.words,
                                                static_cast<int>(&b - buckets_.data()));
  }

  Member me_;
  std::vector<Bucket> buckets_;
  std::uint64_t check_every_;
};

class AllReduce final : public Exchange {
 public:
  struct Config {
    std::uint64_t bucket = 1 << 16;
    std::uint64_t check_every = 100;

    static constexpr auto fields() {
      return std::tuple{
          config::field<&Config::bucket>(
              {.doc = "numbers that travel together, whole tensors; smaller buckets "
                      "start earlier in the backward pass",
               .rule = config::at_least(1024)}),
          config::field<&Config::check_every>(
              {.doc = "steps between checks that the weights are the same bits on all "
                      "ranks; 0 = never"})};
    }
  };

  explicit AllReduce(Config config) : config_(config) {}

  Terms terms(int) const override {
    return {.averages = Terms::Averages::gradients, .like_one_rank = true};
  }

  std::unique_ptr<Replica> join(Communicator& group,
                                std::vector<Part> parts) const override {
    return std::make_unique<MeanGradient>(
        group, std::move(parts), config_.bucket, config_.check_every);
  }

 private:
  Config config_;
};

}  // namespace

void register_exchange_allreduce(Registry& r) {
  r.add<Exchange, AllReduce>({
      .name = "allreduce",
      .summary = "Every step uses the mean gradient of all ranks; all wait for all.",
      .source = "this project",
  });
}

}  // namespace femto
