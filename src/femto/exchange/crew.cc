#include "femto/exchange/crew.h"

#include <algorithm>
#include <array>
#include <future>

#include <fmt/format.h>

#include "femto/exchange/collectives.h"
#include "femto/exchange/parcel.h"

namespace femto::exchange {
namespace {

constexpr auto orders = "orders";
constexpr int order_tag = 34;
constexpr double look_again = 0.002;  // seconds between looks whether the work is done

}  // namespace

void work_alone(Communicator& group, const std::function<void()>& work) {
  if (group.size() == 1) return work();
  auto done = std::async(std::launch::async, work);
  const double period = std::min(1.0, group.limit() / 10);
  double told = group.seconds();
  while (done.wait_for(std::chrono::duration<double>(look_again)) !=
         std::future_status::ready) {
    if (group.seconds() - told < period) continue;
    told = group.seconds();
    give_order(group, {});
  }
  done.get();
}

void give_order(Communicator& group, const Order& order) {
  // To each by rank 0 itself: whoever dies must not keep the orders of others.
  const std::array<std::uint64_t, 2> words{order.kind, order.item};
  std::vector<Transfer> sends;
  for (int r = 1; r < group.size(); ++r)
    sends.push_back(group.send<std::uint64_t>(r, order_tag, words, orders));
  for (auto& t : sends) t.wait();
}

Order await_order(Communicator& group) {
  std::array<std::uint64_t, 2> words{};
  do group.receive<std::uint64_t>(0, order_tag, words, orders).wait();
  while (words[0] == 0);
  return {words[0], words[1]};
}

void together(Communicator& group, const char* what, const std::function<void()>& work) {
  std::exception_ptr failure;
  std::string verdict;  // exit code and words
  try {
    work();
  } catch (const Error& error) {
    failure = std::current_exception();
    verdict = static_cast<char>(error.code()) + std::string(error.what());
  } catch (const std::exception& error) {
    failure = std::current_exception();
    verdict = static_cast<char>(Exit::bug) + std::string(error.what());
  }
  const auto all = gather_bytes(group, verdict, what);
  const auto good = [](const std::string& words) { return words.empty(); };
  if (std::all_of(all.begin(), all.end(), good)) return;
  // Nobody leaves before all know the verdict.
  try {
    barrier(group, what);
  } catch (const ExchangeError& error) {
    // One that left the barrier before us has told its failure, which we know.
    if (error.cause() == Cause::mismatch) throw;
  }
  for (int r = 0; r < group.size(); ++r) {
    const auto& words = all[static_cast<std::size_t>(r)];
    if (words.empty()) continue;
    if (r == group.rank()) std::rethrow_exception(failure);
    group.fail(r,
               what,
               "",
               0,
               Cause::abandoned,
               fmt::format("rank {} gave up: {}", r, words.substr(1)),
               "put right what that rank reports",
               static_cast<Exit>(static_cast<unsigned char>(words.front())));
  }
}

}  // namespace femto::exchange
