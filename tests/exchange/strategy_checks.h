// What holds for every strategy, over any transport; and a small training to try it on.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "femto/exchange/exchange.h"

namespace femto::exchange {

/// Strategies by name and settings, short enough rounds for a few steps.
struct Strategy {
  std::string name, settings;
};

const std::vector<Strategy>& strategies();

std::unique_ptr<Exchange> build_strategy(const Strategy& strategy);

/// Three tensors of different sizes.
std::vector<Part> three_parts();
inline constexpr std::size_t three_parts_size = 40 + 7 + 110;

/// Gradient descent on 0.5 sum_i a_i (w_i - c_i)^2, the loss of one rank.
struct Descent {
  double rate = 0.1;
  std::function<double(int rank, std::size_t i)> a = [](int, std::size_t) { return 1.0; };
  std::function<double(int rank, std::size_t i)> c;
};

/// Trains from zero on every rank, `after(step, weights)` after each step. Returns the
/// weights.
std::vector<float> descend(
    Communicator& group,
    Replica& replica,
    std::size_t n,
    const Descent& descent,
    std::uint64_t steps,
    const std::function<void(std::uint64_t, const std::vector<float>&)>& after = {});

/// The promises of Exchange::terms, held to over some steps with rough gradients.
void check_terms(Communicator& group, const Strategy& strategy);

}  // namespace femto::exchange
