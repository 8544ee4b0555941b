// What a part of a study has to tell of how it was made: a capability.
#pragma once
#include <string>
#include <vector>

namespace femto {

/// Steps and instruments may be this too.
class Annotated {
 public:
  virtual ~Annotated() = default;

  /// Sentences that are printed with results.
  virtual std::vector<std::string> notes() const = 0;
};

/// Notes of anything; none if it has nothing to tell.
template <class Part>
std::vector<std::string> notes_of(const Part& part) {
  const auto* annotated = dynamic_cast<const Annotated*>(&part);
  return annotated ? annotated->notes() : std::vector<std::string>();
}

}  // namespace femto
