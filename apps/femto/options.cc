// Options and checks that several commands share.
#include "options.h"

#include <fmt/format.h>

namespace femto::app {

CLI::Validator at_least(long long min, const char* what) {
  return {[min, what](std::string& text) {
            long long value = 0;
            double number = 0;
            const bool whole = CLI::detail::lexical_cast(text, value);
            const bool good = whole ? value >= min
                                    : CLI::detail::lexical_cast(text, number) &&
                                          number >= static_cast<double>(min);
            return good ? std::string() : fmt::format("'{}' is not {}", text, what);
          },
          ""};
}

CLI::Validator positive() {
  return at_least(1, "a positive number");
}

CLI::Validator at_least_zero() {
  return at_least(0, "a number from 0");
}

void study_options(CLI::App* sub, StudyArguments& s) {
  sub->add_option("study", s.file, "study file (YAML)")->required()->type_name("STUDY");
  sub->add_option("settings", s.overrides, "changes to the study: key.path=value")
      ->type_name("KEY=VALUE");
  sub->add_option("--plugin", s.plugins, "open a plugin with components of your own")
      ->type_name("FILE")
      ->allow_extra_args(false);
  sub->add_option("--seed", s.seed, "key of every random number")->type_name("N");
  sub->add_option("--threads", s.threads, "threads to use; 0: all it may use")
      ->type_name("N")
      ->check(at_least_zero());
}

void json_flag(CLI::App* sub, bool& json) {
  sub->add_flag("--json", json, "results, and errors, as JSON");
}

void quiet_flag(CLI::App* sub, bool& quiet) {
  sub->add_flag("--quiet,-q", quiet, "say nothing but warnings and errors");
}

void repeated(CLI::App* sub,
              const char* name,
              std::vector<std::string>& values,
              const char* about) {
  sub->add_option(name, values, about)->type_name("NAME=VALUE")->allow_extra_args(false);
}

}  // namespace femto::app
