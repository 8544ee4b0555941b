#include "femto/pipeline/toy_state.h"

#include <fmt/core.h>

namespace femto {
namespace {

void put(io::State& state, const std::string& name, const Quoted& q) {
  const auto level = [](const std::optional<Interval>& i) {
    return i ? std::vector<double>{1, i->lo, i->hi, 1.0 * i->lo_open, 1.0 * i->hi_open}
             : std::vector<double>(5);
  };
  std::vector<double> numbers{q.value, 1.0 * q.sd.has_value(), q.sd.value_or(0)};
  for (const auto& one : {level(q.level68), level(q.level95)})
    numbers.insert(numbers.end(), one.begin(), one.end());
  state.put_text(name + ".method", q.method);
  state.put(name, std::span<const double>(numbers));
}

Quoted quoted_from(const io::State& state, const std::string& name) {
  const auto n = state.doubles(name);
  const auto level = [&](std::size_t at) {
    return n.at(at) == 0
               ? std::optional<Interval>()
               : Interval{
                     n.at(at + 1), n.at(at + 2), n.at(at + 3) != 0, n.at(at + 4) != 0};
  };
  Quoted out{state.text(name + ".method"), n.at(0), {}, level(3), level(8)};
  if (n.at(1) != 0) out.sd = n.at(2);
  return out;
}

}  // namespace

io::State to_state(const Toy& toy) {
  io::State out;
  out.put_text("failure", toy.failure);
  out.put("trusted", std::int64_t{toy.trusted});
  out.put("made", static_cast<std::int64_t>(toy.made.size()));
  for (std::size_t i = 0; i < toy.made.size(); ++i) {
    const auto& q = toy.made[i];
    out.put(fmt::format("truth{}", i), q.truth);
    out.put(fmt::format("value{}", i), q.value);
    put(out, fmt::format("fisher{}", i), q.fisher);
    put(out, fmt::format("profile{}", i), q.profile);
    put(out, fmt::format("posterior{}", i), q.posterior);
    out.put(fmt::format("draws{}", i), std::span<const double>(q.draws));
    if (q.pit) out.put(fmt::format("pit{}", i), *q.pit);
  }
  return out;
}

Toy toy_from(const io::State& state) {
  Toy out;
  out.failure = state.text("failure");
  out.trusted = state.integer("trusted") != 0;
  for (std::int64_t i = 0; i < state.integer("made"); ++i) {
    out.made.push_back({state.number(fmt::format("truth{}", i)),
                        state.number(fmt::format("value{}", i)),
                        quoted_from(state, fmt::format("fisher{}", i)),
                        quoted_from(state, fmt::format("profile{}", i)),
                        quoted_from(state, fmt::format("posterior{}", i)),
                        state.doubles(fmt::format("draws{}", i)),
                        {}});
    if (const auto pit = fmt::format("pit{}", i); state.has(pit))
      out.made.back().pit = state.number(pit);
  }
  return out;
}

}  // namespace femto
