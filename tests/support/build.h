// Components as a study would build them, for tests.
#pragma once
#include <memory>
#include <string>

#include "femto/config/load.h"
#include "femto/modules/builtins.h"
#include "femto/pipeline/experiment.h"

namespace femto::testing {

template <class Kind>
struct Single {
  Slot<Kind> component;

  static constexpr auto fields() {
    return std::tuple{config::field<&Single::component>({.doc = "the one component"})};
  }
};

/// build<Theory>("proxy1d"), build<Sampler>("{type: inverse_cdf, nodes: 50}").
template <class Kind>
std::unique_ptr<Kind> build(const std::string& yaml) {
  const auto registry = builtin_registry();
  const auto loaded = config::load<Single<Kind>>("component: " + yaml, "test", registry);
  return loaded.value.component.build();
}

/// A theory whose events are measured as they are.
inline Experiment bare(const Theory& theory) {
  return {theory, *build<Detector>("identity")};
}

}  // namespace femto::testing
