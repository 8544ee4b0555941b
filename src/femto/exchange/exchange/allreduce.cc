// The mean gradient of all ranks, in buckets that travel while the rest is computed.
#include "femto/config/registry.h"
#include "femto/exchange/lock_step.h"

namespace femto {
namespace {

using namespace exchange;

class MeanGradient final : public LockStep {
 public:
  MeanGradient(Communicator& group,
               std::vector<Part> parts,
               std::size_t bucket,
               std::uint64_t check_every)
      : LockStep(group, std::move(parts), check_every) {
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

  std::vector<Bucket> buckets_;
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
          config::field<&Config::check_every>({.doc = check_every_doc})};
    }
  };

  explicit AllReduce(Config config) : config_(config) {}

  Terms terms(int) const override { return lock_step_terms(); }

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
