// Expressions over columns: values, the columns they need, and mistakes with their place.
#include "femto/io/expression.h"

#include <cmath>

#include <gtest/gtest.h>

#include "femto/core/error.h"

namespace femto::io {
namespace {

const std::vector<std::string> names{"x", "W2", "hits.n"};

std::string mistake(const std::string& text) {
  try {
    Expression(text, names);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(Expression, ValuesAreThoseOfTheFormula) {
  const Expression e("x > 0.1 && (W2 - x^2 > 4 || sqrt(W2) < 1)", names);
  EXPECT_EQ(e.used(), (std::vector<std::size_t>{0, 1}));
  const std::vector<double> x{0.05, 0.2, 0.2, 0.2}, w{9, 9, 4.03, 0.9};
  const double* columns[] = {x.data(), w.data(), nullptr};
  std::vector<double> out(4);
  e.evaluate(4, columns, out.data());
  EXPECT_EQ(out, (std::vector<double>{0, 1, 0, 1}));
}

TEST(Expression, NamesMayHaveDots) {
  const Expression e("2 * hits.n + 1", names);
  EXPECT_EQ(e.used(), (std::vector<std::size_t>{2}));
  const double n = 3;
  const double* columns[] = {nullptr, nullptr, &n};
  double out = 0;
  e.evaluate(1, columns, &out);
  EXPECT_EQ(out, 7);
}

TEST(Expression, MistakesShowTheirPlace) {
  EXPECT_EQ(mistake("x > && W2 > 4"),
            "cannot read the expression: operator '&&' is not expected here\n"
            "  x > && W2 > 4\n"
            "      ^");
  EXPECT_EQ(mistake("x > 0.1 && Q2 > 4"),
            "cannot read the expression: there is no column 'Q2'\n"
            "  x > 0.1 && Q2 > 4\n"
            "             ^");
  EXPECT_EQ(mistake("x = 0.1"),
            "cannot read the expression: '=' is no comparison\n"
            "  x = 0.1\n"
            "    ^");
  EXPECT_NE(mistake("(x > 0.1").find("a bracket is not closed"), std::string::npos);
  EXPECT_NE(mistake("x >").find("it ends too early"), std::string::npos);
  EXPECT_NE(mistake(""), "none");
}

TEST(Conjuncts, AreSplitOutsideBracketsOnly) {
  EXPECT_EQ(conjuncts("a>1&&(b>2&&c>3)&&d"),
            (std::vector<std::string>{"a>1", "(b>2&&c>3)", "d"}));
  EXPECT_EQ(conjuncts("a && b || c"), (std::vector<std::string>{"a && b || c"}));
}

}  // namespace
}  // namespace femto::io
