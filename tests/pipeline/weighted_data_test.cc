// Events with weights of either sign are worth their effective number.
#include <cmath>

#include "tests/support/fits.h"
#include "tests/support/normal_mean.h"
#include <gtest/gtest.h>

#include "femto/core/error.h"
#include "femto/pipeline/density.h"

namespace femto {
namespace {

using testing::build;

/// Values and weights in chunks of ten rows.
class Weighed final : public Source {
 public:
  Weighed(std::vector<double> x, std::vector<double> w) : x_(x), w_(w) {}

  SourceInfo inspect(const Experiment&) const override {
    return {"weighed", {"x"}, x_.size(), ""};
  }

  SideInformation side(const Experiment&) const override { return {}; }

  io::Dropped read(const Experiment&, const ChunkVisitor& visit) const override {
    for (std::size_t first = 0; first < x_.size(); first += 10) {
      const std::size_t n = std::min<std::size_t>(10, x_.size() - first);
      io::EventTable chunk({{"x", "1"}}, n, io::Weighted::yes);
      for (std::size_t i = 0; i < n; ++i) {
        chunk.column(0)[i] = x_[first + i];
        chunk.weights()[i] = w_[first + i];
      }
      visit(first, chunk);
    }
    return {};
  }

 private:
  std::vector<double> x_, w_;
};

struct Scene {
  std::vector<double> x, w;
  double sum = 0, squares = 0, mean = 0;
  testing::NormalMean theory;
  Experiment experiment = testing::bare(theory);
  Density density{theory};

  Scene() {
    for (int i = 0; i < 95; ++i) {
      x.push_back(std::sin(i * 1.7));
      w.push_back(i % 4 == 0 ? -0.8 : 2 + std::cos(i));
      sum += w.back();
      squares += w.back() * w.back();
      mean += w.back() * x.back();
    }
    mean /= sum;
  }
};

// The weighted mean has variance sum w^2 / (sum w)^2: the likelihood must rise by 1/2
// that far from it.
TEST(WeightedData, LikelihoodRisesByAHalfAtOneStandardDeviation) {
  const Scene s;
  const Weighed source(s.x, s.w);
  const Dataset data(source, s.experiment);
  const double effective = s.sum * s.sum / s.squares;
  EXPECT_EQ(data.rows(), 95u);
  EXPECT_EQ(data.records(), static_cast<std::uint64_t>(std::llround(effective)));
  for (const char* form : {"unbinned", "binned, bins: 2000"}) {
    const auto criterion =
        build<Objective>("{type: likelihood, form: " + std::string(form) + "}")
            ->bind({s.density, data});
    const bool binned = form[0] == 'b';
    const auto at = [&](double mean) {
      return criterion->evaluate(std::vector<double>{mean});
    };
    EXPECT_NEAR(criterion->events(), effective, 1e-9);
    EXPECT_NEAR(at(s.mean).gradient[0], 0, binned ? 0.1 : 1e-8);
    EXPECT_NEAR(at(s.mean).curvature(0, 0), effective, 1e-3);
    EXPECT_NEAR(at(s.mean + 1 / std::sqrt(effective)).value - at(s.mean).value,
                0.5,
                binned ? 0.02 : 1e-6);
    const auto variance = criterion->gradient_variance(std::vector<double>{s.mean});
    ASSERT_TRUE(variance);
    EXPECT_NEAR((*variance)(0, 0), effective, 1e-3);
  }
}

TEST(WeightedData, StreamsTheSameWeightsAsItKeeps) {
  const Scene s;
  const Weighed source(s.x, s.w);
  const Dataset kept(source, s.experiment), streamed(source, s.experiment, 1);
  ASSERT_TRUE(kept.table());
  ASSERT_FALSE(streamed.table());
  streamed.for_each_chunk([&](std::uint64_t first, const io::EventTable& chunk) {
    for (std::size_t i = 0; i < chunk.rows(); ++i)
      EXPECT_EQ(chunk.weights()[i], kept.table()->weights()[first + i]);
  });
  EXPECT_NE(kept.weight_note().find("95 weighted events are worth"), std::string::npos);
}

TEST(WeightedData, EqualWeightsChangeNothing) {
  const Scene s;
  const Weighed source(s.x, std::vector<double>(95, 3.5));
  const Dataset data(source, s.experiment);
  EXPECT_EQ(data.records(), 95u);
  for (const double w : data.table()->weights()) EXPECT_NEAR(w, 1, 1e-14);
}

TEST(WeightedData, NegativeTotalsAreRefused) {
  const Scene s;
  const Weighed source(s.x, std::vector<double>(95, -1.0));
  EXPECT_THROW(Dataset(source, s.experiment), DataError);
}

}  // namespace
}  // namespace femto
