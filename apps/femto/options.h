// Options and checks that several commands share.
#pragma once
#include <string>
#include <vector>

#include "commands.h"
#include <CLI/CLI.hpp>

namespace femto::app {

/// A whole number within [min, the largest].
CLI::Validator at_least(long long min, const char* what);
CLI::Validator positive();
CLI::Validator at_least_zero();

void study_options(CLI::App* sub, StudyArguments& s);
void json_flag(CLI::App* sub, bool& json);
void quiet_flag(CLI::App* sub, bool& quiet);

/// An option that may be given several times.
void repeated(CLI::App* sub,
              const char* name,
              std::vector<std::string>& values,
              const char* about);

}  // namespace femto::app
