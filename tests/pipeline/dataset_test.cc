// Events in memory or read anew, and the weights of the bootstrap.
#include "femto/pipeline/dataset.h"

#include <cmath>

#include "tests/support/fits.h"
#include "tests/support/proxies.h"
#include <gtest/gtest.h>

#include "femto/core/error.h"
#include "femto/pipeline/objective.h"

namespace femto {
namespace {

using testing::build;

/// A table handed out in chunks of 100 rows; counts how often it is read.
class Chunks final : public Source {
 public:
  explicit Chunks(io::EventTable table) : table_(std::move(table)) {}

  SourceInfo inspect(const Experiment& experiment) const override {
    return {"chunks", columns_of(experiment.measured()), table_.rows(), ""};
  }

  SideInformation side(const Experiment&) const override { return {}; }

  io::Dropped read(const Experiment&, const ChunkVisitor& visit) const override {
    ++reads;
    for (std::size_t first = 0; first < table_.rows(); first += 100) {
      const std::size_t n = std::min<std::size_t>(100, table_.rows() - first);
      io::EventTable chunk(table_.columns(), n);
      for (std::size_t c = 0; c < table_.columns().size(); ++c)
        for (std::size_t i = 0; i < n; ++i)
          chunk.column(c)[i] = table_.column(c)[first + i];
      visit(first, chunk);
    }
    io::Dropped dropped;
    dropped.rows_dropped = 7;
    return dropped;
  }

  mutable int reads = 0;

 private:
  io::EventTable table_;
};

struct Fixture {
  std::unique_ptr<Theory> theory = build<Theory>("proxy1d");
  Experiment experiment = testing::bare(*theory);
  Chunks source{testing::toy(*theory, testing::truth1d, 950)};
};

std::vector<double> first_column(const Dataset& data) {
  std::vector<double> out;
  data.for_each_chunk([&](std::uint64_t first, const io::EventTable& chunk) {
    EXPECT_EQ(first, out.size());
    out.insert(out.end(), chunk.column(0).begin(), chunk.column(0).end());
  });
  return out;
}

TEST(Dataset, KeepsSmallDataAndReadsThemOnce) {
  const Fixture f;
  const Dataset data(f.source, f.experiment);
  ASSERT_NE(data.table(), nullptr);
  EXPECT_EQ(data.rows(), 950u);
  EXPECT_EQ(data.dropped().rows_dropped, 7u);
  EXPECT_EQ(data.info().label, "chunks");
  EXPECT_EQ(first_column(data).size(), 950u);
  EXPECT_EQ(f.source.reads, 1);
}

TEST(Dataset, ReadsLargeDataAnew) {
  const Fixture f;
  const Dataset kept(f.source, f.experiment), streamed(f.source, f.experiment, 1000);
  EXPECT_EQ(streamed.table(), nullptr);
  EXPECT_EQ(streamed.rows(), 950u);
  EXPECT_EQ(first_column(streamed), first_column(kept));
}

TEST(Dataset, BinnedLikelihoodDoesNotNeedTheEventsInMemory) {
  const Fixture f;
  const Density density(*f.theory);
  const Dataset kept(f.source, f.experiment), streamed(f.source, f.experiment, 1000);
  const auto binned = build<Objective>("{type: likelihood, form: binned}");
  const Weighting bootstrap{3, 1};
  for (const Weighting& w : {Weighting{}, bootstrap})
    EXPECT_EQ(binned->bind({density, kept, w})->evaluate(testing::truth1d).value,
              binned->bind({density, streamed, w})->evaluate(testing::truth1d).value);
  try {
    build<Objective>("likelihood")->bind({density, streamed});
    FAIL() << "no error";
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("950 events of chunks"), std::string::npos);
    EXPECT_NE(e.hint().find("form=binned"), std::string::npos);
  }
}

TEST(Dataset, RefusesAnEmptySource) {
  const auto theory = build<Theory>("proxy1d");
  const Chunks nothing(testing::empty_table(*theory, 0));
  EXPECT_THROW(Dataset(nothing, testing::bare(*theory)), DataError);
}

TEST(Weighting, ReplicaZeroIsTheDataAsTheyAre) {
  EXPECT_EQ((Weighting{9, 0}.weight(123)), 1);
  std::vector<double> weights(3);
  const std::vector<double> own{2, 3, 4};
  Weighting{9, 0}.fill(5, own, weights);
  EXPECT_EQ(weights, own);
}

TEST(Weighting, FillsWhatItWeighs) {
  const Weighting w{9, 4};
  std::vector<double> weights(40000);
  const std::vector<double> own(40000, 0.5);
  w.fill(1000, own, weights);
  for (std::size_t i = 0; i < weights.size(); i += 111)
    EXPECT_EQ(weights[i], 0.5 * w.weight(1000 + i));
}

TEST(Weighting, IsPoissonOfMeanOne) {
  constexpr std::size_t n = 200000;
  std::vector<double> weights(n);
  Weighting{1, 1}.fill(0, {}, weights);
  double mean = 0, square = 0, none = 0;
  for (const double w : weights) {
    mean += w / n;
    square += w * w / n;
    none += w == 0 ? 1.0 / n : 0;
  }
  const double sd = 1 / std::sqrt(static_cast<double>(n));
  EXPECT_NEAR(mean, 1, 4 * sd);
  EXPECT_NEAR(square, 2, 4 * std::sqrt(11.0) * sd);  // Var(w^2) = 15 - 4
  const double p = std::exp(-1.0);
  EXPECT_NEAR(none, p, 4 * std::sqrt(p * (1 - p)) * sd);
}

}  // namespace
}  // namespace femto
