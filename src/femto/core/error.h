// The errors of Femtograph: who can put them right, and the exit code they end with.
#pragma once
#include <stdexcept>
#include <string>

#include <fmt/core.h>

namespace femto {

/// Exit codes of the program; other tools rely on them.
enum class Exit {
  done = 0,
  usage = 2,      // study or command line wrong
  data = 3,       // data wrong
  numerical = 4,  // diverged, not finite
  bug = 70,       // our own mistake
  interrupted = 130,
  terminated = 143,
};

/// Something the user can put right: bad input, missing file, impossible request.
/// Message form: "<what is wrong> (<why it matters>)"; `hint` says what to do.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& what, std::string hint = {}, Exit code = Exit::usage)
      : std::runtime_error(what), hint_(std::move(hint)), code_(code) {}

  const std::string& hint() const { return hint_; }

  Exit code() const { return code_; }

 private:
  std::string hint_;
  Exit code_;
};

/// The data are wrong. Name the file, and the row and column where there is one.
class DataError : public Error {
 public:
  explicit DataError(const std::string& what, std::string hint = {})
      : Error(what, std::move(hint), Exit::data) {}
};

/// A computation diverged or gave numbers that are not finite.
class NumericalError : public Error {
 public:
  explicit NumericalError(const std::string& what, std::string hint = {})
      : Error(what, std::move(hint), Exit::numerical) {}
};

/// A promise of our own code is broken; users are asked to report it.
class Bug : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> text, Args&&... args) {
  throw Error(fmt::format(text, std::forward<Args>(args)...));
}

/// Always on: what must hold for the code below to be right.
inline void expect(bool holds, const char* what) {
  if (!holds) throw Bug(what);
}

}  // namespace femto
