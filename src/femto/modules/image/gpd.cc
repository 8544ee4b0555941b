// An image of a generalised parton distribution at a low scale, from data at a higher
// one.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "femto/config/decoder.h"
#include "femto/config/registry.h"
#include "femto/core/error.h"
#include "femto/modules/image/gpd_data.h"
#include "femto/qcd/gpd_evolution.h"
#include "femto/qcd/gpd_model.h"

namespace femto {
namespace {

using config::field;
using qcd::GpdEvolution;

using gpd::Datum;

class GpdImage final : public Image {
 public:
  struct Config {
    config::Path data;
    int pixels = 60, skewnesses = 20;
    double xi_min = 0.1, xi_max = 0.8;
    qcd::Order order = qcd::Order::lo;
    double start_q2 = 4, alpha_s = 0.118;
    std::vector<double> data_q2{16};
    double t = 0;
    double relative_error = 0.05, absolute_error = 0.02;
    std::uint64_t seed = 1;
    double prior_size = 1, prior_length_x = 0.3, prior_length_xi = 0.4;
    double prior_independent = 1e-4;

    static constexpr auto fields() {
      return std::tuple{
          field<&Config::data>(
              {.doc =
                   "file with columns x, xi, value, error of H_u - H_d, and q2 (GeV2) unless data_q2 is one scale; none: pseudo-data of the Goloskokov-Kroll model"}),
          field<&Config::pixels>({.doc = "in -1 < x < 1 at every skewness; even",
                                  .rule = config::between(16, 200)}),
          field<&Config::skewnesses>(
              {.doc = "of pseudo-data; a file brings its own",
               .rule = config::between(1, static_cast<double>(gpd::most_skewnesses))}),
          field<&Config::xi_min>({.doc = "smallest skewness of pseudo-data",
                                  .rule = {.min = 0, .max = 1, .above_min = true}}),
          field<&Config::xi_max>({.doc = "largest skewness of pseudo-data",
                                  .rule = {.min = 0, .max = 1, .above_min = true}}),
          field<&Config::order>({.doc = "of evolution and running coupling"}),
          field<&Config::start_q2>({.doc = "scale of the image",
                                    .unit = "GeV2",
                                    .rule = config::between(1, 100)}),
          field<&Config::data_q2>(
              {.doc = "scales of the data; a column q2 of the file takes their place",
               .unit = "GeV2",
               .rule = config::positive}),
          field<&Config::alpha_s>(
              {.doc = "strong coupling at M_Z", .rule = config::positive}),
          field<&Config::t>({.doc = "momentum transfer of the pseudo-data",
                             .unit = "GeV2",
                             .rule = config::at_most(0)}),
          field<&Config::relative_error>(
              {.doc = "of pseudo-data, relative to their value",
               .rule = config::at_least_zero}),
          field<&Config::absolute_error>(
              {.doc = "of pseudo-data, added in quadrature", .rule = config::positive}),
          field<&Config::seed>({.doc = "key of the noise of pseudo-data"}),
          field<&Config::prior_size>(
              {.doc = "prior standard deviation of H is this times (1 - x^2)^2 (x^2 + "
                      "xi^2)^(-1/4)",
               .rule = config::positive}),
          field<&Config::prior_length_x>(
              {.doc =
                   "distance over which the prior is correlated, in (s(x - xi) + s(x + xi))/2 with s the signed root, since H bends at +-xi",
               .rule = config::positive}),
          field<&Config::prior_length_xi>(
              {.doc = "distance in xi over which the prior is correlated",
               .rule = config::positive}),
          field<&Config::prior_independent>(
              {.doc = "share of the prior variance that is independent from node to node",
               .rule = {.min = 0, .max = 1, .above_min = true}}),
      };
    }

    void check(config::Issues& issues) const {
      if (pixels % 2 != 0) issues.add("pixels", "is odd (x = 0 lies between two pixels)");
      if (data.empty() && !(skewnesses == 1 || xi_min < xi_max))
        issues.add("xi_max", fmt::format("{} is not above xi_min = {}", xi_max, xi_min));
      if (data_q2.empty()) issues.add("data_q2", "is empty");
      for (const double q2 : data_q2)
        if (!(q2 >= start_q2))
          issues.add("data_q2",
                     fmt::format("{} GeV2 is below start_q2 = {} GeV2", q2, start_q2));
    }
  };

  explicit GpdImage(Config config) : config_(std::move(config)) {}

  ImageProblem problem() const override {
    ImageProblem out;
    std::vector<Datum> data;
    if (!config_.data.empty()) data = read(out);
    const auto xi = skewnesses(data);
    const GpdEvolution evolution(
        {.order = config_.order,
         .xi = xi,
         .nodes = half(),
         .coupling = {.alpha = config_.alpha_s,
                      .loops = config_.order == qcd::Order::lo ? 1 : 2,
                      .flavours = qcd::FlavourScheme::variable(1.29, 4.18, 173)},
         .start_mu2_gev2 = config_.start_q2,
         .mu2_gev2 = scales(data)});
    const bool pseudo = data.empty();
    if (pseudo)
      for (const double q2 : evolution.settings().mu2_gev2)
        for (const double one : xi)
          for (const double x : pixel_centres()) data.push_back({x, one, q2, 0, 1});
    fill_prior(evolution, out);
    fill_response(evolution, data, out);
    fill_picture(evolution, out);
    fill_moments(evolution, out);
    if (pseudo) simulate(evolution, out);
    return out;
  }

 private:
  std::size_t half() const { return static_cast<std::size_t>(config_.pixels) / 2; }

  std::size_t per_skewness() const { return 2 * half(); }

  std::vector<double> pixel_centres() const {
    std::vector<double> x;
    for (int i = 0; i < config_.pixels; ++i)
      x.push_back(-1 + (2.0 * i + 1) / config_.pixels);
    return x;
  }

  std::vector<Datum> read(ImageProblem& out) const {
    auto file = gpd::read(config_.data.file,
                          {.lowest_q2 = config_.start_q2, .q2 = config_.data_q2});
    out.data_label = std::move(file.label);
    out.data_checksum = std::move(file.checksum);
    return std::move(file.data);
  }

  /// Those of the data, ascending, or the configured ones.
  std::vector<double> scales(const std::vector<Datum>& data) const {
    if (!data.empty())
      return gpd::distinct(
          data, &Datum::q2, gpd::most_scales, config_.data.file.string(), "scales", "q2");
    const std::set<double> found(config_.data_q2.begin(), config_.data_q2.end());
    return {found.begin(), found.end()};
  }

  /// Those of the data, or evenly spaced ones.
  std::vector<double> skewnesses(const std::vector<Datum>& data) const {
    if (!data.empty())
      return gpd::distinct(data,
                           &Datum::xi,
                           gpd::most_skewnesses,
                           config_.data.file.string(),
                           "skewnesses",
                           "xi");
    return gpd::spaced(config_.skewnesses, config_.xi_min, config_.xi_max);
  }

  /// The unknowns: H at the nodes of every skewness, x ascending from -1 to 1.
  struct Node {
    double x, xi;
  };

  std::vector<Node> nodes(const GpdEvolution& evolution) const {
    std::vector<Node> out;
    for (std::size_t k = 0; k < evolution.skewnesses(); ++k) {
      const auto& grid = evolution.grid(k);
      for (std::size_t i = half(); i-- > 0;) out.push_back({-grid.x()[i], grid.xi()});
      for (std::size_t i = 0; i < half(); ++i) out.push_back({grid.x()[i], grid.xi()});
    }
    return out;
  }

  /// Matern covariance of order 5/2 in x and squared exponential in xi.
  /// Source: Rasmussen:2006 section 4.2.
  void fill_prior(const GpdEvolution& evolution, ImageProblem& out) const {
    const auto all = nodes(evolution);
    const auto sd = [&](const Node& n) {
      const double r = 1 - n.x * n.x;
      return config_.prior_size * r * r / std::sqrt(std::hypot(n.x, n.xi));
    };
    Matrix covariance(all.size(), all.size());
    for (std::size_t a = 0; a < all.size(); ++a)
      for (std::size_t b = 0; b <= a; ++b) {
        const double dx =
            gpd::place(all[a].x, all[a].xi) - gpd::place(all[b].x, all[b].xi);
        const double dxi = (all[a].xi - all[b].xi) / config_.prior_length_xi;
        double c = gpd::matern(dx / config_.prior_length_x) * std::exp(-0.5 * dxi * dxi);
        if (a == b) c += config_.prior_independent;
        covariance(a, b) = covariance(b, a) = c * sd(all[a]) * sd(all[b]);
      }
    out.model.mean.assign(all.size(), 0.0);
    out.model.root = stats::covariance_root(covariance);
  }

  /// Weights of the nodes of one skewness in the value at x.
  std::vector<double> weights(const qcd::GpdGrid& grid, double x) const {
    std::vector<double> side(half()), out(per_skewness());
    grid.interpolation(std::abs(x), side);
    for (std::size_t i = 0; i < half(); ++i)
      out[x >= 0 ? half() + i : half() - 1 - i] = side[i];
    return out;
  }

  /// u - d has no gluons: H(x) - H(-x) and H(x) + H(-x) evolve each by one matrix.
  void fill_response(const GpdEvolution& evolution,
                     const std::vector<Datum>& data,
                     ImageProblem& out) const {
    const std::size_t n = half(), wide = per_skewness();
    out.model.response = Matrix(data.size(), evolution.skewnesses() * wide);
    for (std::size_t d = 0; d < data.size(); ++d) {
      const auto& datum = data[d];
      out.data.push_back(datum.value);
      out.model.errors.push_back(datum.error);
      out.data_x.push_back(datum.x);
      out.data_y.push_back(datum.xi);
      const auto k = gpd::index_of(datum.xi, evolution.settings().xi);
      const auto operators =
          evolution.at(k, gpd::index_of(datum.q2, evolution.settings().mu2_gev2));
      const auto odd = operators.matrix(qcd::Operator::plus),
                 even = operators.matrix(qcd::Operator::minus);
      std::vector<double> side(n);
      evolution.grid(k).interpolation(std::abs(datum.x), side);
      double* row = out.model.response.row(d) + k * wide;
      const double sign = datum.x >= 0 ? 1 : -1;
      for (std::size_t j = 0; j < n; ++j) {
        double o = 0, e = 0;
        for (std::size_t i = 0; i < n; ++i) {
          o += side[i] * odd[j * n + i];
          e += side[i] * even[j * n + i];
        }
        row[n + j] = 0.5 * (e + sign * o);
        row[n - 1 - j] = 0.5 * (e - sign * o);
      }
    }
  }

  void fill_picture(const GpdEvolution& evolution, ImageProblem& out) const {
    const std::size_t wide = per_skewness();
    out.raster = {
        .x = pixel_centres(),
        .y = evolution.settings().xi,
        .x_label = "x",
        .y_label = "xi",
        .value_labels = {fmt::format("H_u - H_d at {:g} GeV2", config_.start_q2)}};
    out.picture = Matrix(out.raster.size(), evolution.skewnesses() * wide);
    for (std::size_t k = 0; k < evolution.skewnesses(); ++k)
      for (std::size_t i = 0; i < out.raster.x.size(); ++i) {
        const auto w = weights(evolution.grid(k), out.raster.x[i]);
        std::copy(
            w.begin(), w.end(), out.picture.row(k * out.raster.x.size() + i) + k * wide);
      }
  }

  /// Moments int x^n H dx, n = 0 .. 3, at the first, middle and last skewness.
  void fill_moments(const GpdEvolution& evolution, ImageProblem& out) const {
    const std::size_t last = evolution.skewnesses() - 1;
    for (const std::size_t k : std::set<std::size_t>{0, last / 2, last})
      for (int n = 0; n < 4; ++n) {
        const auto& grid = evolution.grid(k);
        Functional moment{.name = fmt::format("moment {} at xi = {:.3g}", n, grid.xi()),
                          .unit = "",
                          .about = "integral of x^n (H_u - H_d) over -1 < x < 1",
                          .weights = std::vector<double>(out.model.mean.size(), 0.0)};
        double* weights = moment.weights.data() + k * per_skewness();
        for (std::size_t i = 0; i < half(); ++i) {
          const double w = grid.weights()[i] * std::pow(grid.x()[i], n);
          weights[half() + i] = w;
          weights[half() - 1 - i] = n % 2 == 0 ? w : -w;
        }
        out.functionals.push_back(std::move(moment));
      }
  }

  /// Truth, data and errors from the model.
  void simulate(const GpdEvolution& evolution, ImageProblem& out) const {
    using Part = qcd::GoloskokovKroll::Part;
    const qcd::GoloskokovKroll model(config_.start_q2, config_.t);
    for (const auto& n : nodes(evolution))
      out.truth.push_back(model.at(Part::up_valence, n.x, n.xi) -
                          model.at(Part::down_valence, n.x, n.xi));
    out.data_label = fmt::format("pseudo-data of the Goloskokov-Kroll model, {} pixels",
                                 out.data.size());
    gpd::measure({config_.relative_error, config_.absolute_error}, config_.seed, out);
  }

  Config config_;
};

}  // namespace

void register_image_gpd(Registry& r) {
  r.add<Image, GpdImage>(
      {.name = "gpd",
       .summary =
           "H_u - H_d over x and skewness at a low scale, from data at a higher one.",
       .source =
           "Freese:2025 (evolution); Kroll:2013 (pseudo-data); Rasmussen:2006 (prior)"});
}

}  // namespace femto
