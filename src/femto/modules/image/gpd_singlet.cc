// Images of the quarks' sum and of gluons at a low scale, from data at higher ones.
#include <algorithm>
#include <cmath>
#include <set>

#include "femto/config/decoder.h"
#include "femto/config/registry.h"
#include "femto/modules/image/gpd_data.h"
#include "femto/qcd/gpd_evolution.h"
#include "femto/qcd/gpd_model.h"

namespace femto {
namespace {

using config::field;
using gpd::Datum;
using qcd::GpdEvolution;
using qcd::Operator;

/// The two images.
enum Picture : std::size_t { quarks, gluon, pictures };

class GpdSinglet final : public Image {
 public:
  struct Config {
    config::Path data;
    int pixels = 30, skewnesses = 12;
    double xi_min = 0.1, xi_max = 0.8;
    double start_q2 = 4, alpha_s = 0.118;
    std::vector<double> data_q2{8, 30, 100};
    bool gluon_data = false;
    double t = 0;
    double relative_error = 0.02, absolute_error = 0.02;
    std::uint64_t seed = 1;
    double quark_size = 5, gluon_size = 1;
    double prior_length_x = 0.3, prior_length_xi = 0.4;
    double prior_independent = 1e-4;

    static constexpr auto fields() {
      return std::tuple{
          field<&Config::data>(
              {.doc = "file with columns x, xi, value, error, parton (0: sum of quarks, "
                      "21: gluon), and q2 (GeV2) unless data_q2 is one scale; none: "
                      "pseudo-data of the Goloskokov-Kroll model"}),
          field<&Config::pixels>(
              {.doc = "in 0 < x < 1 at every skewness", .rule = config::between(8, 100)}),
          field<&Config::skewnesses>(
              {.doc = "of pseudo-data; a file brings its own",
               .rule = config::between(1, static_cast<double>(gpd::most_skewnesses))}),
          field<&Config::xi_min>({.doc = "smallest skewness of pseudo-data",
                                  .rule = {.min = 0, .max = 1, .above_min = true}}),
          field<&Config::xi_max>({.doc = "largest skewness of pseudo-data",
                                  .rule = {.min = 0, .max = 1, .above_min = true}}),
          field<&Config::start_q2>({.doc = "scale of the images",
                                    .unit = "GeV2",
                                    .rule = config::between(1, 100)}),
          field<&Config::data_q2>(
              {.doc = "scales of the data; a column q2 of the file takes their place",
               .unit = "GeV2",
               .rule = config::positive}),
          field<&Config::gluon_data>(
              {.doc = "pseudo-data of gluons too; false: quarks alone, and gluons show "
                      "only through the evolution"}),
          field<&Config::alpha_s>({.doc = "strong coupling at M_Z, run with one loop",
                                   .rule = config::positive}),
          field<&Config::t>({.doc = "momentum transfer of the pseudo-data",
                             .unit = "GeV2",
                             .rule = config::at_most(0)}),
          field<&Config::relative_error>(
              {.doc = "of pseudo-data, relative to their value",
               .rule = config::at_least_zero}),
          field<&Config::absolute_error>(
              {.doc = "of pseudo-data, added in quadrature", .rule = config::positive}),
          field<&Config::seed>({.doc = "key of the noise of pseudo-data"}),
          field<&Config::quark_size>(
              {.doc =
                   "prior: standard deviation of a smooth function whose odd part are the "
                   "quarks is this times (1 - x^2)^2 (x^2 + xi^2)^(-1/2)",
               .rule = config::positive}),
          field<&Config::gluon_size>(
              {.doc =
                   "that of one whose even part are gluons is this times (1 - x^2)^3 (x^2 "
                   "+ xi^2)^(-1/8)",
               .rule = config::positive}),
          field<&Config::prior_length_x>(
              {.doc =
                   "distance over which the prior is correlated, in (s(x - xi) + s(x + "
                   "xi))/2 with s the signed root, since H bends at +-xi",
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
      if (data.empty() && !(skewnesses == 1 || xi_min < xi_max))
        issues.add("xi_max", fmt::format("{} is not above xi_min = {}", xi_max, xi_min));
      if (data_q2.empty()) issues.add("data_q2", "is empty");
      for (const double q2 : data_q2)
        if (!(q2 >= start_q2))
          issues.add("data_q2",
                     fmt::format("{} GeV2 is below start_q2 = {} GeV2", q2, start_q2));
    }
  };

  explicit GpdSinglet(Config config) : config_(std::move(config)) {}

  ImageProblem problem() const override {
    ImageProblem out;
    std::vector<Datum> data;
    if (!config_.data.empty()) {
      auto file = gpd::read(config_.data.file,
                            {.lowest_x = 0,
                             .lowest_q2 = config_.start_q2,
                             .q2 = config_.data_q2,
                             .partons = true});
      data = std::move(file.data);
      out.data_label = std::move(file.label);
      out.data_checksum = std::move(file.checksum);
    }
    const bool pseudo = data.empty();
    if (pseudo) data = places();
    const auto file = config_.data.file.string();
    const GpdEvolution evolution(
        {.xi = gpd::distinct(
             data, &Datum::xi, gpd::most_skewnesses, file, "skewnesses", "xi"),
         .nodes = half(),
         .coupling = {.alpha = config_.alpha_s,
                      .loops = 1,
                      .flavours = qcd::FlavourScheme::variable(1.29, 4.18, 173)},
         .start_mu2_gev2 = config_.start_q2,
         .mu2_gev2 =
             gpd::distinct(data, &Datum::q2, gpd::most_scales, file, "scales", "q2")});
    fill_prior(evolution, out);
    fill_response(evolution, data, out);
    fill_pictures(evolution, out);
    fill_moments(evolution, out);
    if (pseudo) simulate(evolution, out);
    return out;
  }

 private:
  std::size_t half() const { return static_cast<std::size_t>(config_.pixels); }

  std::vector<double> pixel_centres() const {
    std::vector<double> x;
    for (int i = 0; i < config_.pixels; ++i) x.push_back((i + 0.5) / config_.pixels);
    return x;
  }

  /// Where pseudo-data are.
  std::vector<Datum> places() const {
    std::vector<Datum> out;
    const std::set<double> scales(config_.data_q2.begin(), config_.data_q2.end());
    for (const int parton : {0, 21})
      for (const double q2 : scales)
        for (const double xi :
             gpd::spaced(config_.skewnesses, config_.xi_min, config_.xi_max))
          for (const double x : pixel_centres())
            if (parton == 0 || config_.gluon_data)
              out.push_back({x, xi, q2, 0, 1, parton});
    return out;
  }

  /// The unknowns: for each picture values at the nodes of every skewness.
  std::size_t first(const GpdEvolution& evolution,
                    Picture p,
                    std::size_t skewness) const {
    return (p * evolution.skewnesses() + skewness) * half();
  }

  /// What a smooth function of -1 < x < 1 says of its odd part (quarks) and of its even
  /// one (gluons).
  double covariance(Picture p, double x, double y, double xi, double eta) const {
    const double length = config_.prior_length_x, a = gpd::place(x, xi) / length,
                 b = gpd::place(y, eta) / length,
                 d = (xi - eta) / config_.prior_length_xi;
    const double same = gpd::matern(a - b), other = gpd::matern(a + b);
    return (p == quarks ? same - other : same + other) * std::exp(-0.5 * d * d);
  }

  double size(Picture p, double x, double xi) const {
    const double r = 1 - x * x, s = x * x + xi * xi;
    return p == quarks ? config_.quark_size * std::pow(r, 2) / std::sqrt(s)
                       : config_.gluon_size * std::pow(r, 3) * std::pow(s, -0.125);
  }

  void fill_prior(const GpdEvolution& evolution, ImageProblem& out) const {
    const std::size_t each = evolution.skewnesses() * half(), all = pictures * each;
    Matrix joint(all, all);
    for (const auto p : {quarks, gluon})
      for (std::size_t a = 0; a < each; ++a)
        for (std::size_t b = 0; b <= a; ++b) {
          const auto &ga = evolution.grid(a / half()), &gb = evolution.grid(b / half());
          const double x = ga.x()[a % half()], y = gb.x()[b % half()];
          double c = covariance(p, x, y, ga.xi(), gb.xi());
          if (a == b) c += config_.prior_independent;
          c *= size(p, x, ga.xi()) * size(p, y, gb.xi());
          joint(p * each + a, p * each + b) = joint(p * each + b, p * each + a) = c;
        }
    out.model.mean.assign(all, 0.0);
    out.model.root = stats::covariance_root(joint);
  }

  /// What one matrix makes of unit values at the nodes, seen at one x, is added to a row.
  static void add(std::span<const double> at_x,
                  std::span<const double> matrix,
                  double factor,
                  double* row) {
    const std::size_t n = at_x.size();
    for (std::size_t j = 0; j < n; ++j) {
      double sum = 0;
      for (std::size_t i = 0; i < n; ++i) sum += at_x[i] * matrix[j * n + i];
      row[j] += factor * sum;
    }
  }

  /// The sum of q+ over all flavours of the scale, or the gluon.
  void fill_response(const GpdEvolution& evolution,
                     const std::vector<Datum>& data,
                     ImageProblem& out) const {
    const auto& scheme = evolution.settings().coupling.flavours;
    const int light = scheme.at(config_.start_q2);
    out.model.response = Matrix(data.size(), pictures * evolution.skewnesses() * half());
    std::vector<double> at_x(half());
    for (std::size_t d = 0; d < data.size(); ++d) {
      const auto& datum = data[d];
      out.data.push_back(datum.value);
      out.model.errors.push_back(datum.error);
      out.data_x.push_back(datum.x);
      out.data_y.push_back(datum.xi);
      out.data_picture.push_back(datum.parton == 21 ? gluon : quarks);
      const auto k = gpd::index_of(datum.xi, evolution.settings().xi);
      const auto at =
          evolution.at(k, gpd::index_of(datum.q2, evolution.settings().mu2_gev2));
      evolution.grid(k).interpolation(datum.x, at_x);
      double* row = out.model.response.row(d);
      double *to_quarks = row + first(evolution, quarks, k),
             *to_gluon = row + first(evolution, gluon, k);
      if (datum.parton == 21) {
        add(at_x, at.matrix(Operator::gluon_s), 1, to_quarks);
        add(at_x, at.matrix(Operator::gluon_g), 1, to_gluon);
        continue;
      }
      add(at_x, at.matrix(Operator::plus), 1, to_quarks);
      add(at_x, at.matrix(Operator::light_s), light, to_quarks);
      add(at_x, at.matrix(Operator::light_g), light, to_gluon);
      for (int h = light; h < scheme.at(datum.q2); ++h) {
        const auto heavy = static_cast<std::size_t>(h - light);
        add(at_x, at.matrix(Operator::heavy_s, heavy), 1, to_quarks);
        add(at_x, at.matrix(Operator::heavy_g, heavy), 1, to_gluon);
      }
    }
  }

  void fill_pictures(const GpdEvolution& evolution, ImageProblem& out) const {
    out.raster = {
        .x = pixel_centres(),
        .y = evolution.settings().xi,
        .x_label = "x",
        .y_label = "xi",
        .value_labels = {fmt::format("H of all quarks at {:g} GeV2", config_.start_q2),
                         fmt::format("H of gluons at {:g} GeV2", config_.start_q2)}};
    const std::size_t wide = out.raster.x.size();
    out.picture =
        Matrix(pictures * out.raster.size(), pictures * evolution.skewnesses() * half());
    std::vector<double> weights(half());
    for (const auto p : {quarks, gluon})
      for (std::size_t k = 0; k < evolution.skewnesses(); ++k)
        for (std::size_t i = 0; i < wide; ++i) {
          evolution.grid(k).interpolation(out.raster.x[i], weights);
          std::ranges::copy(weights,
                            out.picture.row(p * out.raster.size() + k * wide + i) +
                                first(evolution, p, k));
        }
  }

  /// Momentum of quarks, of gluons and of both, and the next moments, at the first,
  /// middle and last skewness.
  void fill_moments(const GpdEvolution& evolution, ImageProblem& out) const {
    const std::size_t last = evolution.skewnesses() - 1;

    struct Part {
      Picture picture;
      int power;
    };

    const auto moment = [&](std::size_t k,
                            const char* name,
                            const char* about,
                            std::initializer_list<Part> parts) {
      const auto& grid = evolution.grid(k);
      Functional f{.name = fmt::format("{} at xi = {:.3g}", name, grid.xi()),
                   .unit = "",
                   .about = about,
                   .weights = std::vector<double>(out.model.mean.size(), 0.0)};
      for (const auto& [p, power] : parts)
        for (std::size_t i = 0; i < half(); ++i)
          f.weights[first(evolution, p, k) + i] =
              grid.weights()[i] * std::pow(grid.x()[i], power);
      out.functionals.push_back(std::move(f));
    };
    for (const std::size_t k : std::set<std::size_t>{0, last / 2, last}) {
      moment(k, "momentum of quarks", "integral of x H over 0 < x < 1", {{quarks, 1}});
      moment(k, "momentum of gluons", "integral of H over 0 < x < 1", {{gluon, 0}});
      moment(k, "momentum", "of quarks and gluons", {{quarks, 1}, {gluon, 0}});
      moment(k, "quarks, x^3", "integral of x^3 H over 0 < x < 1", {{quarks, 3}});
      moment(k, "gluons, x^2", "integral of x^2 H over 0 < x < 1", {{gluon, 2}});
    }
  }

  /// Truth, data and errors from the model.
  void simulate(const GpdEvolution& evolution, ImageProblem& out) const {
    const qcd::GoloskokovKroll model(config_.start_q2, config_.t);
    std::vector<double> rows(qcd::flavour_rows * half());
    out.truth.assign(out.model.mean.size(), 0.0);
    for (std::size_t k = 0; k < evolution.skewnesses(); ++k) {
      model.fill(evolution.grid(k), rows);
      for (int id = -6; id <= 6; ++id)
        for (std::size_t i = 0; i < half(); ++i)
          out.truth[first(evolution, id == 0 ? gluon : quarks, k) + i] +=
              rows[qcd::flavour_row(id) * half() + i];
    }
    out.data_label = fmt::format("pseudo-data of the Goloskokov-Kroll model, {} values",
                                 out.data.size());
    gpd::measure({config_.relative_error, config_.absolute_error}, config_.seed, out);
  }

  Config config_;
};

}  // namespace

void register_image_gpd_singlet(Registry& r) {
  r.add<Image, GpdSinglet>(
      {.name = "gpd_singlet",
       .summary = "H of all quarks and H of gluons over x and skewness at a low scale, "
                  "together, from data at higher ones.",
       .source =
           "Freese:2025 (evolution); Kroll:2013 (pseudo-data); Rasmussen:2006 (prior)"});
}

}  // namespace femto
