// A small registry and a study with every type of setting, shared by the tests.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "femto/config/load.h"

namespace femto::config::sample {

class Shape2d {
 public:
  static constexpr std::string_view kind = "shape";
  virtual ~Shape2d() = default;
  virtual double area() const = 0;
};

class Circle final : public Shape2d {
 public:
  struct Config {
    double radius = 2;

    static constexpr auto fields() {
      return std::tuple{field<&Config::radius>(
          {.doc = "distance from the middle", .unit = "fm", .rule = positive})};
    }
  };

  explicit Circle(Config config) : config_(config) {}

  double area() const override { return 3 * config_.radius * config_.radius; }

 private:
  Config config_;
};

class Rectangle final : public Shape2d {
 public:
  struct Config {
    double width = 1, height = 0;

    static constexpr auto fields() {
      return std::tuple{
          field<&Config::width>({.doc = "along x"}),
          field<&Config::height>({.doc = "along y", .rule = positive, .required = true}),
      };
    }

    void check(Issues& issues) const {
      if (width < height)
        issues.add("width", "is smaller than the height", "turn the rectangle");
    }
  };

  explicit Rectangle(Config config) : config_(config) {}

  double area() const override { return config_.width * config_.height; }

 private:
  Config config_;
};

/// Holds another shape: components inside components.
class Doubled final : public Shape2d {
 public:
  struct Config {
    Slot<Shape2d> of{"circle"};

    static constexpr auto fields() {
      return std::tuple{field<&Config::of>({.doc = "what is doubled"})};
    }
  };

  explicit Doubled(const Config& config) : of_(config.of.build()) {}

  double area() const override { return 2 * of_->area(); }

 private:
  std::unique_ptr<Shape2d> of_;
};

inline Registry registry() {
  Registry r;
  r.add<Shape2d, Circle>({.name = "circle", .summary = "Round.", .source = "Euclid"});
  r.add<Shape2d, Rectangle>({.name = "rectangle", .summary = "Four corners."});
  r.add<Shape2d, Doubled>({.name = "doubled", .summary = "Twice another shape."});
  return r;
}

enum class Colour { red, dark_green };

constexpr auto names(Colour) {
  return std::array{std::pair{std::string_view("red"), Colour::red},
                    std::pair{std::string_view("dark_green"), Colour::dark_green}};
}

struct Inner {
  double weight = 0.5;
  std::string note;

  bool operator==(const Inner&) const = default;

  static constexpr auto fields() {
    return std::tuple{
        field<&Inner::weight>({.doc = "share", .rule = fraction}),
        field<&Inner::note>({.doc = "free text"}),
    };
  }
};

struct Everything {
  bool flag = false;
  int small = 3;
  std::int64_t large = -4;
  std::uint64_t seed = 1;
  double rate = 1e-4;
  float coarse = 0.25F;
  double limit = 1;
  std::string name = "none given";
  Colour colour = Colour::red;
  Path file{"events.npy"};
  std::vector<double> start{0.5, 1};
  std::vector<std::vector<int>> rows;
  std::array<double, 2> range{0, 1};
  std::optional<std::string> label;
  std::optional<double> width;
  std::map<std::string, double> truth;
  std::map<std::string, Inner> parts;
  Inner inner;
  std::vector<Inner> inners;
  Slot<Shape2d> shape{"circle"};
  std::vector<Slot<Shape2d>> more;
  std::optional<Slot<Shape2d>> maybe;

  bool operator==(const Everything&) const = default;

  static constexpr auto fields() {
    return std::tuple{
        field<&Everything::flag>({.doc = "a flag"}),
        field<&Everything::small>({.doc = "a small number", .rule = between(-9, 9)}),
        field<&Everything::large>({.doc = "a large number"}),
        field<&Everything::seed>({.doc = "key of random numbers"}),
        field<&Everything::rate>(
            {.doc = "step size", .unit = "1/s", .rule = positive, .was = "speed"}),
        field<&Everything::coarse>({.doc = "single precision"}),
        field<&Everything::limit>({.doc = "may have no end", .rule = may_be_infinite}),
        field<&Everything::name>({.doc = "a name", .rule = not_empty}),
        field<&Everything::colour>({.doc = "a colour"}),
        field<&Everything::file>({.doc = "events"}),
        field<&Everything::start>({.doc = "first values", .rule = at_least_zero}),
        field<&Everything::rows>({.doc = "a table of numbers"}),
        field<&Everything::range>({.doc = "from and to"}),
        field<&Everything::label>({.doc = "a label"}),
        field<&Everything::width>({.doc = "a width", .rule = positive}),
        field<&Everything::truth>({.doc = "values by name"}),
        field<&Everything::parts>({.doc = "blocks by name"}),
        field<&Everything::inner>({.doc = "a block"}),
        field<&Everything::inners>({.doc = "several blocks"}),
        field<&Everything::shape>({.doc = "a component"}),
        field<&Everything::more>({.doc = "several components"}),
        field<&Everything::maybe>({.doc = "a component or none"}),
    };
  }
};

inline Loaded<Everything> loaded(std::string_view text,
                                 const std::vector<std::string>& arguments = {},
                                 std::string file = "s.yaml") {
  return load<Everything>(text, std::move(file), registry(), arguments);
}

/// The message of the ConfigError that `text` provokes.
inline std::string message_of(std::string_view text,
                              const std::vector<std::string>& arguments = {}) {
  try {
    loaded(text, arguments);
  } catch (const ConfigError& e) {
    return e.what();
  }
  return "(no error)";
}

/// "path: what (hint)" of every issue, one a line.
inline std::string short_message_of(std::string_view text,
                                    const std::vector<std::string>& arguments = {}) {
  try {
    loaded(text, arguments);
  } catch (const ConfigError& e) {
    std::string out;
    for (const auto& issue : e.issues()) {
      if (!out.empty()) out += '\n';
      out += issue.path + ": " + issue.what;
      if (!issue.hint.empty()) out += " (" + issue.hint + ")";
    }
    return out;
  }
  return "(no error)";
}

}  // namespace femto::config::sample
