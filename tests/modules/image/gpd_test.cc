// Images of generalised parton distributions: response, closure, data of users.
#include <cmath>
#include <filesystem>
#include <fstream>

#include "tests/support/build.h"
#include <gtest/gtest.h>
#include <unistd.h>

#include "femto/core/error.h"
#include "femto/core/threads.h"
#include "femto/modules/builtins.h"
#include "femto/pipeline/image_run.h"
#include "femto/qcd/gpd_evolution.h"
#include "femto/qcd/gpd_model.h"
#include "femto/stats/linear.h"

namespace femto {
namespace {

namespace fs = std::filesystem;

constexpr const char* small = "pixels: 32\nskewnesses: 5\nxi_min: 0.2\n";

ImageProblem problem_of(const std::string& settings = small) {
  return builtin_registry().build<Image>("gpd", settings)->problem();
}

double model_at(double x, double xi) {
  using Part = qcd::GoloskokovKroll::Part;
  const qcd::GoloskokovKroll model(4);
  return model.at(Part::up_valence, x, xi) - model.at(Part::down_valence, x, xi);
}

class Folder {
 public:
  explicit Folder(const std::string& name)
      : path_(fs::temp_directory_path() /
              ("femto-" + name + "-" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }

  ~Folder() { fs::remove_all(path_); }

  fs::path write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

TEST(GpdImage, PictureShowsTheModel) {
  const auto problem = problem_of();
  ASSERT_EQ(problem.raster.size(), 32u * 5u);
  const auto pixels = stats::multiply(problem.picture, problem.truth);
  for (std::size_t j = 0; j < 5; ++j)
    for (std::size_t i = 0; i < 32; ++i)
      EXPECT_NEAR(
          pixels[j * 32 + i], model_at(problem.raster.x[i], problem.raster.y[j]), 0.02);
}

/// The same flavours evolved as rows of a finer grid, read off where the data are.
void expect_evolved(qcd::Order order) {
  const bool leading = order == qcd::Order::lo;
  const auto problem = problem_of(std::string("skewnesses: 3\nxi_min: 0.2\norder: ") +
                                  (leading ? "lo" : "nlo"));
  const auto values = stats::multiply(problem.model.response, problem.truth);
  constexpr std::size_t nodes = 60;
  const qcd::GpdEvolution fine(
      {.order = order,
       .xi = problem.raster.y,
       .nodes = nodes,
       .coupling = {.alpha = 0.118,
                    .loops = leading ? 1 : 2,
                    .flavours = qcd::FlavourScheme::variable(1.29, 4.18, 173)},
       .mu2_gev2 = {16}});
  const qcd::GoloskokovKroll model(4);
  const std::size_t size = qcd::flavour_rows * nodes;
  std::vector<double> start(3 * size), end(3 * size), weights(nodes);
  for (std::size_t k = 0; k < 3; ++k)
    model.fill(fine.grid(k), std::span(start).subspan(k * size, size));
  fine.evolve(start, end);
  for (std::size_t d = 0; d < values.size(); ++d) {
    const std::size_t k = d / 60;
    const double x = problem.data_x[d];
    fine.grid(k).interpolation(std::abs(x), weights);
    double expected = 0;
    for (std::size_t i = 0; i < nodes; ++i) {
      const auto row = [&](int id) {
        return end[k * size + qcd::flavour_row(x > 0 ? id : -id) * nodes + i];
      };
      expected += weights[i] * (row(2) - row(1)) * (x > 0 ? 1 : -1);
    }
    EXPECT_NEAR(values[d], expected, 1e-3) << x << " " << problem.data_y[d];
  }
}

TEST(GpdImage, DataAreTheEvolvedModel) {
  expect_evolved(qcd::Order::lo);
  expect_evolved(qcd::Order::nlo);
}

TEST(GpdImage, MomentsKeepTheirPolynomials) {
  const auto problem = problem_of();
  // H_u - H_d of the model holds one quark, whatever the skewness.
  ASSERT_EQ(problem.functionals.size(), 12u);
  for (const std::size_t k : {0u, 4u, 8u})
    EXPECT_NEAR(stats::dot(problem.functionals[k].weights, problem.truth), 0.988, 2e-3);
}

TEST(GpdImage, RecoversWhatTheDataDetermine) {
  const auto problem = problem_of();
  ImageStudy study;
  const auto fit = solve(problem, study);
  EXPECT_GT(fit.count.by_data, 10u);
  EXPECT_GT(fit.count.null, 20u);
  EXPECT_EQ(fit.count.by_data + fit.count.by_prior + fit.count.null, 160u);
  double mean = 0;
  for (const double one : fit.chi2) mean += one / static_cast<double>(fit.chi2.size());
  EXPECT_GT(mean, 0.8);
  EXPECT_LT(mean, 1.2);
  for (const auto& q : fit.functionals) EXPECT_LT(std::abs(q.value - q.truth), 4 * q.sd);
  for (std::size_t i = 0; i < fit.sd.size(); ++i) {
    EXPECT_LE(fit.sd[i], fit.prior_sd[i] * (1 + 1e-12));
    EXPECT_LT(std::abs(fit.mean[i] - fit.truth[i]), 0.5);
  }
  // Twice the errors: fewer components by data.
  auto worse = problem;
  for (double& e : worse.model.errors) e *= 2;
  EXPECT_LT(solve(worse, study).count.by_data, fit.count.by_data);
}

TEST(GpdImage, IsTheSameForAnyNumberOfThreads) {
  const auto run = [](int threads) {
    set_threads(threads);
    const auto fit = solve(problem_of(), {});
    return std::pair(fit.mean, fit.chi2);
  };
  const auto one = run(1), three = run(3);
  set_threads(0);
  EXPECT_EQ(one, three);
}

TEST(GpdImage, TakesDataOfTheUser) {
  const Folder folder("gpd-image-data");
  const auto file = folder.write("h.csv",
                                 "x,xi,value,error\n0.3,0.4,1.25,0.1\n-0.2,0.2,0.5,0.05\n"
                                 "0.5,0.4,0.75,0.1\n");
  const auto problem = problem_of("pixels: 32\ndata: " + file.string());
  EXPECT_EQ(problem.data, (std::vector<double>{1.25, 0.5, 0.75}));
  EXPECT_EQ(problem.model.errors, (std::vector<double>{0.1, 0.05, 0.1}));
  EXPECT_EQ(problem.raster.y, (std::vector<double>{0.2, 0.4}));
  EXPECT_TRUE(problem.truth.empty());
  const auto fit = solve(problem, {});
  EXPECT_LE(fit.count.by_data, 3u);
  EXPECT_TRUE(fit.chi2.empty());
  const auto bad = folder.write("bad.csv", "x,xi,value,error\n0.3,0.4,1.25,0\n");
  EXPECT_THROW(problem_of("data: " + bad.string()), DataError);
  EXPECT_THROW(problem_of("data: " + (folder.path() / "none.csv").string()), DataError);
}

TEST(GpdImage, TakesDataAtSeveralScales) {
  const auto one = solve(problem_of(), {});
  const auto problem = problem_of(std::string(small) + "data_q2: [16, 100]");
  EXPECT_EQ(problem.data.size(), 2u * 160u);
  const auto two = solve(problem, {});
  for (std::size_t k = 0; k < one.information.size(); ++k)
    EXPECT_GE(two.information[k], one.information[k] * (1 - 1e-9) - 1e-9) << k;
  // At the image's own scale a datum is the image.
  const Folder folder("gpd-image-scales");
  const auto file =
      folder.write("h.csv", "x,xi,value,error,q2\n0.3,0.4,1,0.1,4\n0.7,0.4,1,0.1,30\n");
  const auto read = problem_of("pixels: 60\ndata: " + file.string());
  std::vector<double> h;
  const qcd::GpdGrid grid(0.4, 30);
  for (std::size_t i = 30; i-- > 0;) h.push_back(model_at(-grid.x()[i], 0.4));
  for (std::size_t i = 0; i < 30; ++i) h.push_back(model_at(grid.x()[i], 0.4));
  const auto values = stats::multiply(read.model.response, h);
  EXPECT_NEAR(values[0], model_at(0.3, 0.4), 1e-3);
  EXPECT_LT(values[1], 0.95 * model_at(0.7, 0.4));  // large x loses to small x
  const auto low = folder.write("low.csv", "x,xi,value,error,q2\n0.3,0.4,1,0.1,3\n");
  EXPECT_THROW(problem_of("data: " + low.string()), DataError);
  const auto none = folder.write("none.csv", "x,xi,value,error\n0.3,0.4,1,0.1\n");
  EXPECT_THROW(problem_of("data_q2: [16, 30]\ndata: " + none.string()), DataError);
}

TEST(GpdImage, RefusesSettingsThatMakeNoSense) {
  for (const char* wrong : {"pixels: 33",
                            "data_q2: [3]",
                            "data_q2: []",
                            "xi_min: 0.9",
                            "t: 1",
                            "absolute_error: 0"})
    EXPECT_THROW(problem_of(wrong), Error) << wrong;
}

TEST(ImageRun, WritesAWholeRunFolder) {
  const Folder folder("image-run");
  const auto study = folder.write("tiny.yaml",
                                  "femto: 1\nimage:\n  type: gpd\n  pixels: 24\n"
                                  "  skewnesses: 3\n  xi_min: 0.2\ntoys: 5\n");
  EXPECT_TRUE(is_image_study(study));
  EXPECT_FALSE(is_image_study(folder.write("other.yaml", "femto: 1\ntheory: proxy1d\n")));
  Components components(builtin_registry());
  const auto plan = make_image_plan({.file = study}, components);
  EXPECT_EQ(plan.study.name, "tiny");
  const auto run = folder.path() / "run";
  const auto result = run_image(plan, run, ExistingRun::refuse, {"femto"});
  for (const char* name :
       {"study.yaml", "resolved.yaml", "manifest.json", "result.json", "arrays.h5"})
    EXPECT_TRUE(fs::exists(run / name)) << name;
  EXPECT_EQ(result.at("image").at("toys").at("count"), 5);
  EXPECT_EQ(result.at("parameters").size(), 12u);
  const auto arrays = io::read_arrays(run / "arrays.h5");
  EXPECT_TRUE(std::ranges::any_of(
      arrays, [](const auto& a) { return a.name == "image/information"; }));
  EXPECT_THROW(run_image(plan, run, ExistingRun::refuse, {"femto"}), Error);
  // The resolved study asks for the same run.
  const auto again = make_image_plan({.file = run / "resolved.yaml"}, components);
  EXPECT_EQ(again.resolved, plan.resolved);
}

}  // namespace
}  // namespace femto
