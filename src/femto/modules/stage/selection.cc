// Cuts written as an expression: `x1 > 0.2 && (x2 < 0.4 || x2 > 0.6)`.
#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "femto/config/registry.h"
#include "femto/io/expression.h"
#include "femto/pipeline/stage.h"

namespace femto {
namespace {

using config::field;

/// Points of a column at which a cut is looked at first.
constexpr std::size_t looks = 4096;
/// Points along each of two columns that are tied together.
constexpr std::size_t tie_looks = 256;

std::vector<std::string> columns_of(const std::vector<Channel>& channels) {
  std::vector<std::string> out;
  for (const auto& channel : channels)
    for (const auto& axis : channel.axes) out.push_back(axis.column);
  return out;
}

struct Interval {
  double lo, hi;
};

/// What several conditions on one column keep of it.
struct ColumnCut {
  std::string column;
  ColumnPlace place;
  std::vector<Interval> kept;  // ascending, apart

  double lo() const { return kept.front().lo; }

  double hi() const { return kept.back().hi; }

  bool keeps(double x) const {
    return std::ranges::any_of(kept,
                               [&](const auto& i) { return x >= i.lo && x <= i.hi; });
  }
};

/// Where on [lo, hi] a condition on one column is true.
class Condition {
 public:
  Condition(const io::Expression& expression, std::size_t columns)
      : expression_(expression), column_(expression.used().front()), columns_(columns) {}

  std::vector<Interval> on(double lo, double hi) const {
    std::vector<double> x(looks + 1), value(looks + 1);
    for (std::size_t i = 0; i <= looks; ++i)
      x[i] = lo + (hi - lo) * static_cast<double>(i) / looks;
    evaluate(x, value);
    std::vector<Interval> out;
    for (std::size_t i = 0; i <= looks; ++i) {
      const bool here = value[i] != 0, before = i > 0 && value[i - 1] != 0;
      if (here && !before) out.push_back({i == 0 ? lo : border(x[i - 1], x[i]), hi});
      if (!here && before) out.back().hi = border(x[i], x[i - 1]);
    }
    return out;
  }

 private:
  /// The last point on the true side between one where it is false and one where it is
  /// true.
  double border(double no, double yes) const {
    for (int step = 0; step < 60; ++step) {
      const double middle = 0.5 * (no + yes);
      std::vector<double> value(1);
      evaluate({middle}, value);
      (value[0] != 0 ? yes : no) = middle;
    }
    return yes;
  }

  void evaluate(const std::vector<double>& x, std::vector<double>& out) const {
    std::vector<const double*> columns(columns_);
    columns[column_] = x.data();
    expression_.evaluate(x.size(), columns.data(), out.data());
    for (double& v : out) v = std::isnan(v) ? 0 : v;
  }

  const io::Expression& expression_;
  std::size_t column_, columns_;
};

std::vector<Interval> common(const std::vector<Interval>& a,
                             const std::vector<Interval>& b) {
  std::vector<Interval> out;
  for (const auto& i : a)
    for (const auto& j : b)
      if (std::max(i.lo, j.lo) < std::min(i.hi, j.hi))
        out.push_back({std::max(i.lo, j.lo), std::min(i.hi, j.hi)});
  return out;
}

/// The columns of a condition that ties two together.
std::string tie_words(const std::vector<std::size_t>& used,
                      const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const auto i : used) out.push_back(names[i]);
  return fmt::format("{}", fmt::join(out, " and "));
}

class SelectionStep final : public Step {
 public:
  SelectionStep(const std::vector<Channel>& before, const std::string& where)
      : where_(where, columns_of(before)) {
    channels_ = before;
    if (where_.used().empty())
      throw Error(fmt::format("'{}' names no column, so that it cuts nothing", where));
    for (const auto& part : io::conjuncts(where)) add(part);
    for (const auto& cut : cuts_) {
      auto& axis = channels_[cut.place.channel].axes[cut.place.axis];
      axis.lo = cut.lo();
      axis.hi = cut.hi();
      axis.grading = Grading::uniform;
    }
    if (!ties_.empty()) tie(before);
  }

  const std::vector<Nuisance>& nuisances() const override { return none_; }

  bool loses() const override { return true; }

  bool only_loses() const override { return true; }

  void apply(const Draw&,
             std::span<const double>,
             std::size_t n,
             double* const* record,
             double* survival) const override {
    if (!survival) return;
    for (const auto& cut : cuts_)
      for (std::size_t i = 0; i < n; ++i)
        if (!cut.keeps(record[cut.place.column][i])) survival[i] = 0;
    std::vector<double> fulfilled(n);
    for (const auto& condition : ties_) {
      condition.evaluate(n, record, fulfilled.data());
      for (std::size_t i = 0; i < n; ++i)
        if (!(fulfilled[i] != 0)) survival[i] = 0;
    }
  }

  void backward(const Draw&,
                std::span<const double>,
                std::size_t,
                const double* const*,
                double* const*) const override {}

  std::vector<double> breaks(const std::string& column) const override {
    std::vector<double> out;
    for (const auto& cut : cuts_)
      if (cut.column == column)
        for (const auto& i : cut.kept) {
          out.push_back(i.lo);
          // An event at the very end belongs to the panel before.
          out.push_back(std::nextafter(i.hi, HUGE_VAL));
        }
    return out;
  }

  /// What ties columns together is left to the norms: see Channel::keeps.
  std::vector<Intensity> fold(std::vector<Intensity> in, const Folding&) const override {
    for (const auto& c : cuts_) {
      auto& channel = in[c.place.channel];
      channel = cut(channel, c.place.axis, c.lo(), c.hi());
      if (c.kept.size() > 1)
        multiply(channel, c.place.axis, {}, [&](double x, double* e) {
          *e = c.keeps(x) ? 1 : 0;
        });
    }
    if (!paired_) return in;
    auto &a = in[*paired_], &b = in[*paired_ + 1];
    a = Intensity({a.axes[0], b.axes[0]}, {{a.values, b.values}});
    in.erase(in.begin() + static_cast<std::ptrdiff_t>(*paired_) + 1);
    return in;
  }

 private:
  /// One condition of several that all must hold.
  void add(const std::string& text) {
    const auto names = columns_of(channels_);
    io::Expression condition(text, names);
    if (condition.used().empty()) return;
    if (condition.used().size() > 2)
      throw Error(fmt::format("the condition '{}' ties {} together, and norms are "
                              "integrals over two columns at most",
                              text,
                              tie_words(condition.used(), names)),
                  "join conditions on one or two columns each by &&");
    if (condition.used().size() == 2) {
      ties_.push_back(std::move(condition));
      return;
    }
    const auto place = place_of(channels_, names[condition.used().front()]);
    const auto& axis = channels_[place.channel].axes[place.axis];
    auto cut = std::ranges::find(
        cuts_, place.column, [](const ColumnCut& c) { return c.place.column; });
    if (cut == cuts_.end())
      cut = cuts_.insert(cut, {axis.column, place, {{axis.lo, axis.hi}}});
    cut->kept =
        common(cut->kept, Condition(condition, names.size()).on(axis.lo, axis.hi));
    if (cut->kept.empty())
      throw Error(fmt::format("nothing survives: '{}' leaves no {} in [{}, {}]",
                              where_.text(),
                              axis.column,
                              axis.lo,
                              axis.hi),
                  "check this cut against those before it");
  }

  /// The two columns of all ties become one channel that knows what is kept of it.
  void tie(const std::vector<Channel>& before) {
    const auto names = columns_of(before);
    const auto used = ties_.front().used();
    for (const auto& t : ties_)
      if (t.used() != used)
        throw Error(
            fmt::format("'{}' ties {} together, and also {}: norms are integrals "
                        "over two columns at most",
                        where_.text(),
                        tie_words(used, names),
                        tie_words(t.used(), names)));
    auto first = place_of(before, names[used[0]]);
    const auto second = place_of(before, names[used[1]]);
    if (first.channel != second.channel) {
      pair_channels(channels_, first, second, "selection");
      paired_ = first.channel;
    }
    auto& channel = channels_[first.channel];
    // Conditions are read with the names of two columns alone.
    auto inside = std::make_shared<std::vector<io::Expression>>();
    for (const auto& t : ties_)
      inside->emplace_back(t.text(), std::vector{names[used[0]], names[used[1]]});
    channel.keeps = [inside, earlier = channel.keeps](
                        std::size_t n, const double* const* x, double* out) {
      std::fill_n(out, n, 1.0);
      if (earlier) earlier(n, x, out);
      std::vector<double> fulfilled(n);
      for (const auto& condition : *inside) {
        condition.evaluate(n, x, fulfilled.data());
        for (std::size_t i = 0; i < n; ++i)
          if (!(fulfilled[i] != 0)) out[i] = 0;
      }
    };
    check_survivors(channel);
  }

  void check_survivors(const Channel& channel) const {
    std::vector<double> x, y;
    for (std::size_t i = 0; i <= tie_looks; ++i)
      for (std::size_t j = 0; j <= tie_looks; ++j) {
        const auto at = [](const Axis& axis, std::size_t k) {
          return std::lerp(axis.lo, axis.hi, static_cast<double>(k) / tie_looks);
        };
        x.push_back(at(channel.axes[0], i));
        y.push_back(at(channel.axes[1], j));
      }
    std::vector<double> inside(x.size());
    const double* const columns[] = {x.data(), y.data()};
    channel.keeps(x.size(), columns, inside.data());
    if (std::ranges::all_of(inside, [](double kept) { return kept == 0; }))
      throw Error(fmt::format("nothing survives: '{}' leaves no pair of {} and {}",
                              where_.text(),
                              channel.axes[0].column,
                              channel.axes[1].column),
                  "check this cut against those before it");
  }

  io::Expression where_;
  std::vector<ColumnCut> cuts_;
  std::vector<io::Expression> ties_;   // conditions on two columns
  std::optional<std::size_t> paired_;  // channel that takes the next one in
  std::vector<Nuisance> none_;
};

class Selection final : public Stage {
 public:
  struct Config {
    std::string where;

    static constexpr auto fields() {
      return std::tuple{field<&Config::where>(
          {.doc = "what is kept: conditions joined by &&, each on one column or all the "
                  "others on the same two; with + - * / ^, comparisons, ||, ?: and "
                  "functions such as sqrt, ln, abs",
           .rule = config::not_empty,
           .required = true})};
    }
  };

  explicit Selection(Config config) : config_(std::move(config)) {}

  std::unique_ptr<Step> after(const std::vector<Channel>& before) const override {
    return std::make_unique<SelectionStep>(before, config_.where);
  }

 private:
  Config config_;
};

}  // namespace

void register_stage_selection(Registry& r) {
  r.add<Stage, Selection>({
      .name = "selection",
      .summary = "Cuts written as an expression over the columns.",
      .source = "this project",
  });
}

}  // namespace femto
