#include "femto/pipeline/chains.h"

#include <algorithm>
#include <future>

#include "femto/core/error.h"
#include "femto/pipeline/compress.h"
#include "femto/pipeline/problem.h"
#include "femto/pipeline/spread.h"

namespace femto {
namespace {

using stats::Chain;
using Watch = std::function<void(const stats::HmcProgress&)>;

/// Numbers one after another.
class Writer {
 public:
  void put(double x) { out.push_back(x); }

  void put(std::span<const double> x) { out.insert(out.end(), x.begin(), x.end()); }

  /// All 64 bits.
  void put_bits(std::uint64_t x) {
    put(static_cast<double>(x >> 32));
    put(static_cast<double>(x & 0xffffffff));
  }

  std::vector<double> out;
};

class Reader {
 public:
  explicit Reader(std::span<const double> in) : in_(in) {}

  double get() { return get(1)[0]; }

  std::size_t size() { return static_cast<std::size_t>(get()); }

  std::span<const double> get(std::size_t n) {
    expect(n <= in_.size(), "as many numbers as were sent");
    const auto out = in_.first(n);
    in_ = in_.subspan(n);
    return out;
  }

  std::vector<double> list(std::size_t n) {
    const auto x = get(n);
    return {x.begin(), x.end()};
  }

  std::uint64_t bits() {
    const auto high = static_cast<std::uint64_t>(get());
    return (high << 32) | static_cast<std::uint64_t>(get());
  }

 private:
  std::span<const double> in_;
};

void put(const ChainWork& work, Writer& to) {
  to.put(static_cast<double>(work.theta.size()));
  to.put(work.theta);
  for (const auto& b : work.box) {
    to.put(b.lo);
    to.put(b.hi);
    to.put(b.fixed ? 1 : 0);
  }
  const auto& s = work.settings;
  for (const double x : {1.0 * s.chains, 1.0 * s.warmup, 1.0 * s.draws, s.acceptance})
    to.put(x);
  to.put_bits(work.seed);
  to.put_bits(work.first);
  to.put_bits(work.stride);
}

ChainWork work_from(Reader& from) {
  ChainWork out;
  out.theta = from.list(from.size());
  for (std::size_t k = 0; k < out.theta.size(); ++k) {
    const auto b = from.get(3);
    out.box.push_back({b[0], b[1], b[2] != 0});
  }
  out.settings.chains = static_cast<int>(from.get());
  out.settings.warmup = static_cast<int>(from.get());
  out.settings.draws = static_cast<int>(from.get());
  out.settings.acceptance = from.get();
  out.seed = from.bits();
  out.first = from.bits();
  out.stride = from.bits();
  return out;
}

void put(const io::EventTable& table, Writer& to) {
  to.put(static_cast<double>(table.rows()));
  for (std::size_t c = 0; c < table.columns().size(); ++c) to.put(table.column(c));
  to.put(table.weights());
}

io::EventTable table_from(Reader& from, const Theory& theory) {
  std::vector<io::Column> columns;
  for (const auto& name : columns_of(theory)) columns.push_back({name});
  io::EventTable out(columns, from.size(), io::Weighted::yes);
  for (std::size_t c = 0; c < columns.size(); ++c)
    std::ranges::copy(from.get(out.rows()), out.column(c).begin());
  std::ranges::copy(from.get(out.rows()), out.weights().begin());
  return out;
}

void put(const Chain& chain, Writer& to) {
  const std::size_t size = chain.draws.empty() ? 0 : chain.draws[0].size();
  for (const double x : {static_cast<double>(chain.draws.size()),
                         static_cast<double>(size),
                         chain.acceptance,
                         chain.step,
                         static_cast<double>(chain.divergences),
                         static_cast<double>(chain.cut_short),
                         static_cast<double>(chain.evaluations)})
    to.put(x);
  to.put(chain.energies);
  for (const auto& draw : chain.draws) to.put(draw);
  to.put(static_cast<double>(chain.covariance.rows));
  to.put(chain.covariance.data);
}

Chain chain_from(Reader& from) {
  Chain out;
  out.draws.resize(from.size());
  const std::size_t size = from.size();
  out.acceptance = from.get();
  out.step = from.get();
  out.divergences = static_cast<int>(from.get());
  out.cut_short = static_cast<int>(from.get());
  out.evaluations = static_cast<std::uint64_t>(from.get());
  out.energies = from.list(out.draws.size());
  for (auto& draw : out.draws) draw = from.list(size);
  const std::size_t rows = from.size();
  out.covariance = Matrix(rows, rows);
  out.covariance.data = from.list(rows * rows);
  return out;
}

std::vector<Chain> run_on(const Task& task,
                          io::EventTable table,
                          const ChainWork& work,
                          const Watch& watch) {
  const Dataset few(std::move(table));
  const Task on_few{task.theory,
                    task.density,
                    task.sampler,
                    task.experiment,
                    task.objective,
                    task.generator,
                    few,
                    task.side,
                    task.setup,
                    {},
                    task.seed,
                    task.member};
  return run_chains(problem_of(on_few, work.theta).f, work, watch);
}

}  // namespace

std::vector<double> chains_of(const Task& task, const std::vector<double>& numbers) {
  Reader from(numbers);
  const auto work = work_from(from);
  Writer out;
  for (const auto& chain : run_on(task, table_from(from, task.theory), work, {}))
    put(chain, out);
  return out.out;
}

ChainRunner chains_over_ranks(const Task& task) {
  const Spread* spread = task.data.spread();
  if (!spread || spread->ranks() == 1) return {};
  return [&task, spread](const ChainWork& all, const Watch& watch) {
    const auto table = compressed(task.theory, task.data);
    expect(table.has_value(), "a quick function comes from compressed events");
    const auto chains = static_cast<std::size_t>(all.settings.chains);
    const auto ranks = static_cast<std::size_t>(spread->ranks());
    ChainWork work = all;
    work.stride = ranks;
    std::vector<std::future<exchange::Others::Answers>> asked;
    for (std::size_t r = 1; r < std::min(ranks, chains); ++r) {
      Writer question;
      work.first = r;
      put(work, question);
      put(*table, question);
      asked.push_back(spread->others()->ask_one(
          static_cast<int>(r), to_bytes({Topic::chains, std::move(question.out)})));
    }
    work.first = 0;
    std::vector<Chain> out(chains);
    const auto own = run_on(task, *table, work, watch);
    for (std::size_t k = 0; k < own.size(); ++k) out[k * ranks] = own[k];
    for (std::size_t r = 1; r <= asked.size(); ++r) {
      const auto numbers = unpacked<double>(asked[r - 1].get().at(0));
      Reader from(numbers);
      for (std::size_t c = r; c < chains; c += ranks) out[c] = chain_from(from);
    }
    return out;
  };
}

}  // namespace femto
