// Sum rules as complete Beta functions. Source: DLMF Eq. (5.12.1).
#include "femto/physics/sum_rules.h"

#include "femto/physics/beta.h"

namespace femto {

double number_of_partons(const PowerShape& s) {
  return s.amplitude * beta(s.a + 1, s.b + 1);
}

double momentum_fraction(const PowerShape& s) {
  return s.amplitude * beta(s.a + 2, s.b + 1);
}

double amplitude_for_number(double number, double a, double b) {
  return number / beta(a + 1, b + 1);
}

}  // namespace femto
