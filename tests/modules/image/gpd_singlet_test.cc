// Images of quarks and gluons together: response, split over both, closure, data of
// users.
#include <cmath>
#include <filesystem>
#include <fstream>

#include "tests/support/build.h"
#include <gtest/gtest.h>
#include <unistd.h>

#include "femto/core/error.h"
#include "femto/modules/builtins.h"
#include "femto/pipeline/image_run.h"
#include "femto/qcd/gpd_evolution.h"
#include "femto/qcd/gpd_model.h"
#include "femto/stats/linear.h"

namespace femto {
namespace {

namespace fs = std::filesystem;

constexpr const char* small =
    "pixels: 14\nskewnesses: 4\nxi_min: 0.2\ndata_q2: [8, 40]\n";

ImageProblem problem_of(const std::string& more = "") {
  return builtin_registry().build<Image>("gpd_singlet", small + more)->problem();
}

/// The same model evolved as rows of flavours on a finer grid, read off where the data
/// are; through the threshold of the bottom.
TEST(GpdSinglet, DataAreTheEvolvedModel) {
  constexpr std::size_t wide = 30;
  const auto problem = builtin_registry()
                           .build<Image>("gpd_singlet",
                                         "pixels: 30\nskewnesses: 3\nxi_min: 0.2\n"
                                         "data_q2: [8, 40]\ngluon_data: true")
                           ->problem();
  const auto values = stats::multiply(problem.model.response, problem.truth);
  constexpr std::size_t nodes = 50;
  const std::vector<double> scales = {8, 40};
  const qcd::GpdEvolution fine(
      {.xi = problem.raster.y,
       .nodes = nodes,
       .coupling = {.alpha = 0.118,
                    .loops = 1,
                    .flavours = qcd::FlavourScheme::variable(1.29, 4.18, 173)},
       .mu2_gev2 = scales});
  const qcd::GoloskokovKroll model(4);
  const std::size_t size = qcd::flavour_rows * nodes,
                    skewnesses = problem.raster.y.size();
  std::vector<double> start(skewnesses * size), end(2 * skewnesses * size);
  for (std::size_t k = 0; k < skewnesses; ++k)
    model.fill(fine.grid(k), std::span(start).subspan(k * size, size));
  fine.evolve(start, end);
  const std::size_t each = skewnesses * wide;
  ASSERT_EQ(values.size(), 4 * each);
  std::vector<double> weights(nodes);
  for (std::size_t d = 0; d < values.size(); ++d) {
    const std::size_t scale = d / each % 2, k = d % each / wide;
    const bool is_gluon = d >= 2 * each;
    EXPECT_EQ(problem.data_picture[d], is_gluon ? 1 : 0);
    fine.grid(k).interpolation(problem.data_x[d], weights);
    double expected = 0;
    for (int id = -6; id <= 6; ++id)
      for (std::size_t i = 0; (id == 0) == is_gluon && i < nodes; ++i)
        expected +=
            weights[i] *
            end[(scale * skewnesses + k) * size + qcd::flavour_row(id) * nodes + i];
    EXPECT_NEAR(values[d], expected, 1e-3 * (1 + std::abs(expected)))
        << "datum " << d << ", x = " << problem.data_x[d]
        << ", xi = " << problem.data_y[d];
  }
}

TEST(GpdSinglet, MomentumIsThatOfTheModelAtEverySkewness) {
  // Momentum of quarks and gluons together is kept by the evolution and even in xi.
  const auto problem = problem_of();
  ASSERT_EQ(problem.functionals.size(), 15u);
  for (const std::size_t f : {2u, 7u, 12u}) {
    const double momentum = stats::dot(problem.functionals[f].weights, problem.truth);
    EXPECT_NEAR(momentum,
                stats::dot(problem.functionals[f - 2].weights, problem.truth) +
                    stats::dot(problem.functionals[f - 1].weights, problem.truth),
                1e-12);
    EXPECT_NEAR(momentum, 1, 0.1);
  }
}

TEST(GpdSinglet, SplitsBothImagesAndClosesOverToys) {
  const auto quarks_alone = problem_of();
  const auto both = problem_of("gluon_data: true");
  ImageStudy study;
  const auto fit = solve(quarks_alone, study), more = solve(both, study);
  for (const auto* one : {&fit, &more}) {
    EXPECT_GT(one->count.by_data, 5u);
    EXPECT_GT(one->count.null, 5u);
    EXPECT_EQ(one->count.by_data + one->count.by_prior + one->count.null, 2u * 4u * 14u);
    ASSERT_EQ(one->shares.size(), 2u);
    for (const auto& s : one->shares)
      EXPECT_NEAR(s.by_data + s.by_prior + s.null, 1, 1e-9);
    double mean = 0;
    for (const double chi2 : one->chi2)
      mean += chi2 / static_cast<double>(one->chi2.size());
    EXPECT_GT(mean, 0.8);
    EXPECT_LT(mean, 1.2);
    for (const auto& q : one->functionals)
      EXPECT_LT(std::abs(q.value - q.truth), 4.5 * q.sd);
    for (std::size_t i = 0; i < one->sd.size(); ++i)
      EXPECT_LE(one->sd[i], one->prior_sd[i] * (1 + 1e-9));
  }
  // Without data of their own gluons are mostly what the prior says.
  EXPECT_GT(fit.shares[0].by_data, 0.5);
  EXPECT_GT(fit.shares[1].left, 10 * more.shares[1].left);
  EXPECT_LT(fit.shares[0].left, 0.01);
  EXPECT_GT(more.count.by_data, fit.count.by_data);
}

TEST(GpdSinglet, TakesDataOfTheUser) {
  const auto folder =
      fs::temp_directory_path() / ("femto-gpd-singlet-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  const auto write = [&](const char* name, const std::string& text) {
    std::ofstream(folder / name) << text;
    return "data: " + (folder / name).string();
  };
  const auto problem =
      problem_of(write("h.csv",
                       "x,xi,value,error,parton,q2\n0.3,0.4,1.25,0.1,0,8\n"
                       "0.2,0.2,0.5,0.05,21,20\n"));
  EXPECT_EQ(problem.data, (std::vector<double>{1.25, 0.5}));
  EXPECT_EQ(problem.data_picture, (std::vector<double>{0, 1}));
  EXPECT_TRUE(problem.truth.empty());
  EXPECT_LE(solve(problem, {}).count.by_data, 2u);
  for (const char* wrong : {"x,xi,value,error,q2\n0.3,0.4,1,0.1,8\n",
                            "x,xi,value,error,parton,q2\n0.3,0.4,1,0.1,3,8\n",
                            "x,xi,value,error,parton,q2\n-0.3,0.4,1,0.1,0,8\n",
                            "x,xi,value,error,parton\n0.3,0.4,1,0.1,0\n"})
    EXPECT_THROW(problem_of(write("bad.csv", wrong)), DataError) << wrong;
  for (const char* wrong : {"data_q2: []", "data_q2: [3]", "xi_min: 0.9"})
    EXPECT_THROW(builtin_registry().build<Image>("gpd_singlet", wrong), Error) << wrong;
  fs::remove_all(folder);
}

}  // namespace
}  // namespace femto
