// A network that learns to tell two samples apart, judged on events it never saw.
#pragma once
#include <cstdint>
#include <vector>

#include "femto/core/matrix.h"
#include "femto/neural/auc.h"
#include "femto/pipeline/generator.h"

namespace femto::neural {

struct ClassifierSettings {
  std::vector<int> hidden = {32, 32};
  Activation activation = Activation::relu;
  double learning_rate = 3e-3;
  int batch = 512;   // of each class
  int epochs = 30;   // at most
  int patience = 5;  // epochs without a better loss on the validation part
  std::uint64_t seed = 1;
};

struct Verdict {
  Auc auc;                      // on the test part
  double accuracy = 0.5;        // on the test part, at probability 1/2
  std::size_t test_events = 0;  // of each class
  int epochs = 0;
};

/// Two-sample test by a classifier: half of each sample trains (a fifth of that chooses
/// the epoch), the other half is judged. a, b: [column, row], already standardised by one
/// transform, of equal size. Source: LopezPaz:2017 section 3.
Verdict tell_apart(const Matrix& a, const Matrix& b, const ClassifierSettings& settings);

}  // namespace femto::neural
