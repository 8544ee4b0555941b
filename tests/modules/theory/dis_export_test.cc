// The result of a fit of deep-inelastic events as an LHAPDF6 set, from the run folder on.
#include <cmath>

#include "tests/support/build.h"
#include <gtest/gtest.h>
#include <unistd.h>

#include "femto/core/error.h"
#include "femto/core/files.h"
#include "femto/io/arrays.h"
#include "femto/pipeline/density_set.h"
#include "femto/qcd/lhapdf.h"

namespace femto {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::build;

/// The folder of a run with a covariance of rank three in four parameters.
class DisExport : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        fs::temp_directory_path() / ("femto-export-test-" + std::to_string(getpid()));
    fs::create_directories(folder_);
    plan_.theory = build<Theory>("{type: dis, order: lo, curve_q2: [50]}");
    plan_.study.theory.type = "dis";
    plan_.study.about = "Toy: a fit";
    plan_.setup = {plan_.theory->parameters(), std::vector<bool>(4, false)};
    json result = {{"parameters", json::array()},
                   {"solver", {{"bootstrap", false}}},
                   {"identifiability", {{"null_directions", json::array({1})}}}};
    for (std::size_t i = 0; i < 4; ++i)
      result["parameters"].push_back(
          {{"name", plan_.theory->parameters()[i].name}, {"value", theta_[i]}});
    write_file_atomically(folder_ / "result.json", result.dump());
    save({});
  }

  void TearDown() override { fs::remove_all(folder_); }

  void save(std::vector<io::Array> more) {
    io::Array covariance{.name = "fit/covariance",
                         .shape = {4, 4},
                         .values = {},
                         .dims = {"parameter", "parameter"},
                         .about = "Of the fit."};
    for (std::size_t i = 0; i < 4; ++i)
      for (std::size_t j = 0; j < 4; ++j) {
        double c = 0;
        for (const auto& f : factors_) c += f[i] * f[j];
        covariance.values.push_back(c);
      }
    more.push_back(covariance);
    io::write_arrays(folder_ / "arrays.h5", more);
  }

  DensitySet made(SetErrors errors) const {
    return density_set_of(plan_, folder_, {.name = "Toy", .errors = errors});
  }

  Plan plan_;
  fs::path folder_;
  const std::vector<double> theta_ = {0.8, 3, -0.1, 0.19};
  const std::vector<std::vector<double>> factors_ = {
      {0.03, 0.05, 0, 0}, {-0.01, 0.08, 0.02, 0}, {0.01, 0, 0.03, 0.02}};
};

TEST_F(DisExport, MembersCarryTheErrorsOfTheFit) {
  const auto set = made(SetErrors::automatic);
  EXPECT_EQ(set.errors, SetErrors::hessian);
  ASSERT_EQ(set.others.size(), 3u);  // as many as directions that the data determine
  densities_of(plan_).write(set, folder_);
  const auto read = qcd::read_lhapdf_set(folder_ / "Toy");
  for (const auto key : qcd::lhapdf_required_keys()) EXPECT_TRUE(read.info.has(key));
  EXPECT_NE(read.info.text("SetDesc").find("Toy: a fit"), std::string::npos);
  EXPECT_NE(read.info.text("SetDesc").find("One direction of the parameters"),
            std::string::npos);
  // The theory's own curves, by finite differences along the factors of the covariance.
  const auto curves = plan_.theory->curves();
  const auto along = [&](const Curve& c, double x, std::size_t f, double step) {
    auto theta = theta_;
    for (std::size_t i = 0; i < 4; ++i) theta[i] += step * factors_[f][i];
    return c.value(x, theta);
  };
  int checked = 0;
  for (const auto& c : curves) {
    const bool later = c.name.ends_with("_at_50");
    const auto xf = [&](std::size_t m, double x) {
      const auto at = [&](int id) { return read.members[m].xf(id, x, later ? 50 : 2); };
      if (c.name.starts_with("gluon")) return at(21);
      if (c.name.starts_with("up_valence")) return at(2) - at(-2);
      return at(-2);
    };
    if (!c.name.starts_with("gluon") && !c.name.starts_with("up_valence") &&
        !c.name.starts_with("anti_up"))
      continue;
    for (const double x : {0.01, 0.1, 0.4}) {
      double variance = 0, published = 0;
      for (std::size_t k = 0; k < 3; ++k) {
        variance += std::pow((along(c, x, k, 0.01) - along(c, x, k, -0.01)) / 0.02, 2);
        published += std::pow(xf(k + 1, x) - xf(0, x), 2);
      }
      const double value = c.value(x, theta_);
      EXPECT_NEAR(xf(0, x), value, 1e-4 * value) << c.name << " at " << x;
      EXPECT_NEAR(std::sqrt(published), std::sqrt(variance), 2e-3 * std::sqrt(variance))
          << c.name << " at " << x;
      ++checked;
    }
  }
  EXPECT_EQ(checked, 18);
}

TEST_F(DisExport, TakesReplicasFromDrawsOfThePosterior) {
  EXPECT_THROW(made(SetErrors::replicas), Error);
  io::Array draws{.name = "posterior/draws",
                  .shape = {2, 100, 5},  // with one derived quantity
                  .values = {},
                  .dims = {"chain", "draw", "quantity"},
                  .about = "Draws."};
  for (int d = 0; d < 200; ++d)
    for (const double p : {0.8, 3.0, -0.1, 0.19, 7.0})
      draws.values.push_back(p * (1 + 1e-3 * d));
  save({draws});
  const auto set = made(SetErrors::automatic);
  EXPECT_EQ(set.errors, SetErrors::replicas);
  ASSERT_EQ(set.others.size(), 100u);
  // Every second draw, all chains.
  EXPECT_DOUBLE_EQ(set.others[0][0], 0.8 * (1 + 1e-3));
  EXPECT_DOUBLE_EQ(set.others[99][3], 0.19 * (1 + 1e-3 * 199));
  EXPECT_EQ(made(SetErrors::none).others.size(), 0u);
}

TEST_F(DisExport, SaysWhatIsMissing) {
  EXPECT_THROW(density_set_of(plan_, folder_, {.name = "a/b"}), Error);
  fs::remove(folder_ / "result.json");
  EXPECT_THROW(made(SetErrors::none), Error);
  write_file_atomically(folder_ / "result.json", "{");
  EXPECT_THROW(made(SetErrors::none), DataError);
  Plan other;
  other.theory = build<Theory>("{type: proxy1d}");
  EXPECT_THROW(densities_of(other), Error);
}

}  // namespace
}  // namespace femto
