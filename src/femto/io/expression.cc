// Formulas by muParser, which keeps state: every evaluation has its own parser.
#include "femto/io/expression.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <muParser.h>

#include "femto/core/error.h"

namespace femto::io {
namespace {

constexpr const char* letters =
    "0123456789_.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

[[noreturn]] void refuse(const std::string& text,
                         std::size_t at,
                         const std::string& why,
                         const std::string& hint) {
  throw Error(fmt::format("cannot read the expression: {}\n  {}\n  {:>{}}",
                          why,
                          text,
                          '^',
                          std::min(at, text.size()) + 1),
              hint);
}

/// A single = would assign.
void check_assignment(const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') continue;
    if (i + 1 < text.size() && text[i + 1] == '=')
      ++i;
    else if (i == 0 ||
             std::string_view("<>!").find(text[i - 1]) == std::string_view::npos)
      refuse(text, i, "'=' is no comparison", "write == for equal, <= or >=");
  }
}

std::string words(const mu::ParserError& e) {
  switch (e.GetCode()) {
    case mu::ecUNEXPECTED_EOF:
      return "it ends too early";
    case mu::ecUNEXPECTED_OPERATOR:
      return fmt::format("operator '{}' is not expected here", e.GetToken());
    case mu::ecUNEXPECTED_VAR:
    case mu::ecUNEXPECTED_VAL:
      return fmt::format("an operator is missing before '{}'", e.GetToken());
    case mu::ecMISSING_PARENS:
      return "a bracket is not closed";
    case mu::ecUNEXPECTED_PARENS:
      return "this bracket was not opened";
    default:
      return e.GetMsg();
  }
}

/// Columns met while the text is read; mu::Parser wants a variable for each.
struct Names {
  const std::vector<std::string>& all;
  double value = 1;
  std::vector<std::string> unknown;

  static double* meet(const char* name, void* self) {
    auto& names = *static_cast<Names*>(self);
    if (std::ranges::find(names.all, name) == names.all.end())
      names.unknown.emplace_back(name);
    return &names.value;
  }
};

void prepare(mu::Parser& parser, const std::string& text) {
  parser.DefineNameChars(letters);
  parser.SetExpr(text);
}

}  // namespace

Expression::Expression(std::string text, const std::vector<std::string>& names)
    : text_(std::move(text)) {
  check_assignment(text_);
  Names met{names, 1, {}};
  mu::Parser parser;
  try {
    prepare(parser, text_);
    parser.SetVarFactory(Names::meet, &met);
    parser.Eval();
    for (const auto& [name, value] : parser.GetUsedVar()) names_.push_back(name);
  } catch (const mu::ParserError& e) {
    const auto known = met.unknown.empty() ? words(e) : std::string();
    if (met.unknown.empty())
      refuse(text_,
             static_cast<std::size_t>(std::max(0, e.GetPos())),
             known,
             "operators are + - * / ^ < <= > >= == != && || ?:");
  }
  if (!met.unknown.empty())
    refuse(text_,
           text_.find(met.unknown[0]),
           fmt::format("there is no column '{}'", met.unknown[0]),
           fmt::format("columns are {}", fmt::join(names, ", ")));
  std::ranges::sort(names_, {}, [&](const std::string& name) {
    return std::ranges::find(names, name) - names.begin();
  });
  for (const auto& name : names_)
    used_.push_back(
        static_cast<std::size_t>(std::ranges::find(names, name) - names.begin()));
}

void Expression::evaluate(std::size_t n,
                          const double* const* columns,
                          double* out) const {
  std::vector<double> row(used_.size());
  mu::Parser parser;
  try {
    prepare(parser, text_);
    for (std::size_t k = 0; k < used_.size(); ++k) parser.DefineVar(names_[k], &row[k]);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k < used_.size(); ++k) row[k] = columns[used_[k]][i];
      out[i] = parser.Eval();
    }
  } catch (const mu::ParserError& e) {
    throw Bug(fmt::format("the expression '{}' was read before: {}", text_, e.GetMsg()));
  }
}

std::vector<std::string> conjuncts(const std::string& text) {
  std::vector<std::string> out(1);
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    depth += text[i] == '(' ? 1 : (text[i] == ')' ? -1 : 0);
    if (depth == 0 && (text.compare(i, 2, "||") == 0 || text[i] == '?')) return {text};
    if (depth == 0 && text.compare(i, 2, "&&") == 0) {
      out.emplace_back();
      ++i;
    } else {
      out.back() += text[i];
    }
  }
  return out;
}

}  // namespace femto::io
