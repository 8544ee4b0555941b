// Splitting functions of unpolarised quarks and gluons at LO and NLO.
#pragma once
#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "femto/qcd/convolution.h"

namespace femto::qcd {

enum class Order { lo, nlo };

/// As settings name them.
constexpr std::array<std::pair<std::string_view, Order>, 2> names(Order) {
  return {{{"lo", Order::lo}, {"nlo", Order::nlo}}};
}

constexpr double colour_f = 4.0 / 3, colour_a = 3, colour_t = 0.5;
constexpr double zeta_3 = 1.2020569031595942;

/// The functions of z from which every kernel is made for any number n of flavours, in
/// the normalisation d f/d ln mu2 = (a P0 + a^2 P1) (x) f with a = alpha_s/(2 pi),
/// MS-bar:
///
///   P0_qq = qq0                 P1_ns+- = v1 + n v1_n +- vbar1
///   P0_qg = n qg0               P1_qq = P1_ns+ + 2 n s1       P1_qg = n qg1
///   P0_gq = gq0                 P1_gq = gq1 + n gq1_n
///   P0_gg = gg0 - n/3 delta     P1_gg = gg1 + n gg1_n
///
/// Source: Ellis:1996 section 4.3, after Curci:1980 and Furmanski:1980.
enum class Piece : std::size_t {
  qq0,
  qg0,
  gq0,
  gg0,
  v1,
  v1_n,
  vbar1,
  s1,
  qg1,
  gq1,
  gq1_n,
  gg1,
  gg1_n,
};

constexpr std::size_t piece_count = 13, lo_piece_count = 4;

constexpr std::size_t index(Piece piece) {
  return static_cast<std::size_t>(piece);
}

Singular singular_part(Piece piece);

/// K(z) for 0 < z < 1 of the pieces that `order` needs, see KernelValues.
void evaluate_pieces(Order order, double z, double one_minus_z, std::span<double> values);

/// Pieces up to this order.
constexpr std::size_t pieces_of(Order order) {
  return order == Order::lo ? lo_piece_count : piece_count;
}

/// S2(z) = -2 Li2(-z) + ln^2 z/2 - 2 ln z ln(1 + z) - pi^2/6 = int over the two gluon
/// momenta in the crossed diagram.
/// Source: Ellis:1996 section 4.3, where it is called S_2.
double crossed_logarithm(double z, double log_z);

}  // namespace femto::qcd
