#include "femto/pipeline/sorted.h"

#include <algorithm>
#include <future>
#include <memory>

#include "femto/core/error.h"
#include "femto/pipeline/spread.h"

namespace femto {
namespace {

constexpr std::size_t block = 1 << 16;  // values that travel together
constexpr double points = -1;           // in place of a column's number

std::vector<double> sorted_values(const Dataset& data, std::size_t column) {
  if (!data.own_table()) return {};
  const auto from = data.own_table()->column(column);
  std::vector<double> out(from.begin(), from.end());
  std::ranges::sort(out);
  return out;
}

std::vector<Point> sorted_points(const Dataset& data) {
  const auto* table = data.own_table();
  std::vector<Point> out(table ? table->rows() : 0);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = {table->column(0)[i], table->column(1)[i]};
  std::ranges::sort(out);
  return out;
}

/// The values of one rank, block by block.
template <class T>
class Run {
 public:
  /// This rank's own.
  explicit Run(std::vector<T> values) : values_(std::move(values)) {}

  /// Another's, `size` in all.
  Run(exchange::Others& others, int rank, double column, std::uint64_t size)
      : others_(&others), rank_(rank), column_(column), left_(size) {
    ask();
    refill();
  }

  bool empty() const { return at_ == values_.size(); }

  const T& front() const { return values_[at_]; }

  void pop() {
    if (++at_ == values_.size() && others_) refill();
  }

 private:
  /// For the next block, or for the end.
  void ask() {
    const double size = static_cast<double>(std::min<std::uint64_t>(left_, block));
    next_ = others_->ask_one(rank_,
                             to_bytes({Topic::sorted, {column_, begin_, begin_ + size}}));
    begin_ += size;
    left_ -= static_cast<std::uint64_t>(size);
  }

  void refill() {
    values_ = unpacked<T>(next_.get().at(0));
    at_ = 0;
    if (!values_.empty()) ask();  // the next comes while this one is used
  }

  std::vector<T> values_;
  std::size_t at_ = 0;
  exchange::Others* others_ = nullptr;
  int rank_ = 0;
  double column_ = 0, begin_ = 0;
  std::uint64_t left_ = 0;
  std::future<exchange::Others::Answers> next_;
};

template <class T>
void merge(const Dataset& data,
           double column,
           std::vector<T> own,
           const std::function<void(std::span<const T>)>& visit) {
  const Spread& spread = *data.spread();
  expect(spread.others(), "rank 0 merges");
  std::vector<std::unique_ptr<Run<T>>> runs;
  runs.push_back(std::make_unique<Run<T>>(std::move(own)));
  for (int r = 1; r < spread.ranks(); ++r)
    runs.push_back(std::make_unique<Run<T>>(
        *spread.others(), r, column, Spread(r, spread.ranks()).own(data.rows()).size()));
  std::vector<T> out;
  const auto flush = [&] {
    if (!out.empty()) visit(out);
    out.clear();
  };
  for (;;) {
    Run<T>* least = nullptr;
    for (const auto& run : runs)
      if (!run->empty() && (!least || run->front() < least->front())) least = run.get();
    if (!least) return flush();
    out.push_back(least->front());
    least->pop();
    if (out.size() == block) flush();
  }
}

}  // namespace

void for_each_sorted(const Dataset& data,
                     std::size_t column,
                     const std::function<void(std::span<const double>)>& visit) {
  expect(data.in_memory(), "only events in memory are sorted");
  auto own = sorted_values(data, column);
  if (!data.spread()) return visit(own);
  merge(data, static_cast<double>(column), std::move(own), visit);
}

void for_each_sorted_point(const Dataset& data,
                           const std::function<void(std::span<const Point>)>& visit) {
  expect(data.in_memory(), "only events in memory are sorted");
  auto own = sorted_points(data);
  if (!data.spread()) return visit(own);
  merge(data, points, std::move(own), visit);
}

std::string SortedPart::answer(const Dataset& data, const std::vector<double>& numbers) {
  expect(numbers.size() == 3, "a block of sorted events has a column and two ends");
  const auto begin = static_cast<std::size_t>(numbers[1]);
  const auto size = static_cast<std::size_t>(numbers[2]) - begin;
  if (size == 0) {
    *this = SortedPart();
    return {};
  }
  const bool pairs = numbers[0] == points;
  if (column_ != numbers[0]) {
    column_ = numbers[0];
    values_ = pairs ? std::vector<double>()
                    : sorted_values(data, static_cast<std::size_t>(numbers[0]));
    points_ = pairs ? sorted_points(data) : std::vector<Point>();
  }
  return pairs ? packed(std::span<const Point>(points_).subspan(begin, size))
               : packed(std::span<const double>(values_).subspan(begin, size));
}

}  // namespace femto
