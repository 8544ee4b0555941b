// Steps of a training without a network: a rank sleeps for a step's time and exchanges.
//
//   DRIVER STRATEGY NAME=VALUE,...|- STEPS NUMBERS MEAN_SECONDS SIGMA|FILE SEED
//
// (no word with a space: smpirun would cut it) runs the code of a strategy on flat
// vectors of NUMBERS floats. Step times are log-normal with this sigma and mean, or drawn
// from a file of measured ones, scaled to this mean. Rank 0 prints one line of JSON.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <numeric>

#include "bench/sim/group.h"

#include "femto/config/registry.h"
#include "femto/core/random.h"
#include "femto/exchange/builtins.h"
#include "femto/exchange/collectives.h"
#include "femto/exchange/exchange.h"

namespace {

using namespace femto;

struct Arguments {
  std::string strategy, settings;
  std::uint64_t steps;
  std::size_t numbers;
  double mean;
  std::string times;  // a sigma, or a file
  std::uint64_t seed;
};

/// Seconds of the steps of one rank.
class StepTimes {
 public:
  StepTimes(const Arguments& a, int rank)
      : mean_(a.mean),
        stream_(random::Stream::named(
            a.seed, "step times", static_cast<std::uint64_t>(rank))) {
    char* end = nullptr;
    sigma_ = std::strtod(a.times.c_str(), &end);
    if (*end == '\0') return;
    std::ifstream file(a.times);
    for (double t = 0; file >> t;) measured_.push_back(t);
    if (measured_.empty())
      throw Error("no step times in " + a.times, "one number a line");
    const double sum = std::accumulate(measured_.begin(), measured_.end(), 0.0);
    scale_ = static_cast<double>(measured_.size()) * mean_ / sum;
  }

  double of(std::uint64_t step) const {
    if (measured_.empty()) {
      const double z = random::normal_pair(stream_, step)[0];
      return mean_ * std::exp(sigma_ * z - sigma_ * sigma_ / 2);
    }
    const double u = random::uniform(stream_, step);
    return scale_ *
           measured_[static_cast<std::size_t>(u * static_cast<double>(measured_.size()))];
  }

 private:
  double mean_, sigma_ = 0, scale_ = 1;
  random::Stream stream_;
  std::vector<double> measured_;
};

/// One line; `sums` over ranks: seconds, messages, bytes, waited, contributions, their
/// age.
void print(const Arguments& a,
           int ranks,
           const std::vector<double>& sums,
           double longest,
           double stalest) {
  const auto steps = static_cast<double>(a.steps);
  const double all_steps = steps * ranks;
  // Efficiency: the time that steps take alone over the time that they took, mean over
  // ranks; `to_last`: until the last rank was done.
  std::printf(
      "{\"ranks\": %d, \"steps\": %.0f, \"seconds\": %.9g, \"efficiency\": %.6f, "
      "\"efficiency_to_last\": %.6f, \"staleness\": %.6g, \"staleness_max\": %.0f, "
      "\"messages_per_step\": %.6g, \"bytes_per_step\": %.8g, \"waited\": %.6f}\n",
      ranks,
      steps,
      longest,
      all_steps * a.mean / sums[0],
      steps * a.mean / longest,
      sums[4] > 0 ? sums[5] / sums[4] : 0.0,
      stalest,
      sums[1] / all_steps,
      sums[2] / all_steps,
      sums[3] / sums[0]);
  std::fflush(stdout);
}

/// "a=1,b=2" as the settings of a component; "-" for none.
std::string as_yaml(const std::string& settings) {
  std::string out = "{";
  for (const char c : settings == "-" ? std::string() : settings)
    out += c == '=' ? ": " : c == ',' ? ", " : std::string(1, c);
  return out + "}";
}

void train(exchange::Communicator& group, const Arguments& a) {
  Registry registry;
  exchange::register_builtins(registry);
  const auto strategy = registry.build<Exchange>(a.strategy, as_yaml(a.settings));
  const StepTimes times(a, group.rank());
  double last = 0;
  exchange::Report report;
  {
    const auto replica = strategy->join(group, {{"generator", a.numbers}});
    std::vector<float> weights(a.numbers), gradient(a.numbers);
    replica->begin(weights);
    exchange::barrier(group, "start");
    const double start = group.seconds();
    for (std::uint64_t step = 0; step < a.steps; ++step) {
      group.pass(times.of(step));
      replica->gradients(step, gradient);
      replica->weights(step, weights);
    }
    last = group.seconds() - start;
    report = replica->report();
    exchange::barrier(group, "end");
  }
  std::vector<double> books{last,
                            static_cast<double>(report.traffic.messages),
                            static_cast<double>(report.traffic.bytes),
                            report.traffic.seconds_waited,
                            static_cast<double>(report.staleness.contributions),
                            report.staleness.sum,
                            static_cast<double>(report.staleness.max)};
  // (A rank at a time: an exchange of all with all would be most of the simulation.)
  constexpr int books_tag = 1;
  if (group.rank() != 0) {
    group.send<double>(0, books_tag, books, "books").wait();
    return;
  }
  auto sums = books;
  double longest = last, stalest = books[6];
  for (int from = 1; from < group.size(); ++from) {
    group.receive<double>(from, books_tag, books, "books").wait();
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += books[i];
    longest = std::max(longest, books[0]);
    stalest = std::max(stalest, books[6]);
  }
  print(a, group.size(), sums, longest, stalest);
}

/// Seconds of a message of so many numbers from rank 0 to rank 1: half of a round.
double message_seconds(exchange::Communicator& group, std::size_t numbers, int rounds) {
  constexpr int tag = 2;
  std::vector<float> ball(numbers);
  const double start = group.seconds();
  for (int round = 0; round < rounds; ++round)
    for (const int server : {0, 1})
      if (group.rank() == server)
        group.send<float>(1 - server, tag, ball, "ball").wait();
      else
        group.receive<float>(server, tag, ball, "ball").wait();
  return (group.seconds() - start) / (2 * rounds);
}

void measure_network(exchange::Communicator& group, std::size_t numbers) {
  if (group.rank() > 1) return;
  double latency = 1, transfer = 1;
  for (int repeat = 0; repeat < 10; ++repeat) {
    latency = std::min(latency, message_seconds(group, 1, 200));
    transfer = std::min(transfer, message_seconds(group, numbers, 20));
  }
  if (group.rank() != 0) return;
  std::printf("{\"latency\": %.9g, \"bytes_per_second\": %.9g}\n",
              latency,
              static_cast<double>(numbers * sizeof(float)) / (transfer - latency));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 8) {
    std::fprintf(
        stderr,
        "usage: STRATEGY NAME=VALUE,...|- STEPS NUMBERS MEAN_S SIGMA|FILE SEED\n");
    return 2;
  }
  try {
    auto group = sim::open_group();
    const Arguments given{argv[1],
                          argv[2],
                          std::strtoull(argv[3], nullptr, 10),
                          std::strtoull(argv[4], nullptr, 10),
                          std::atof(argv[5]),
                          argv[6],
                          std::strtoull(argv[7], nullptr, 10)};
    if (given.strategy == "pingpong")
      measure_network(group, given.numbers);
    else
      train(group, given);
    group.leave();
  } catch (const Error& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return static_cast<int>(error.code());
  }
  return 0;
}
