// Reads a study of an image.
#include "femto/pipeline/image_study.h"

#include "femto/config/decoder.h"
#include "femto/core/files.h"
#include "femto/pipeline/study_walk.h"

namespace femto {

namespace fs = std::filesystem;
using config::Issue;
using config::Node;

namespace {

/// Paths become absolute, so that the study can be run from anywhere.
std::string resolved_text(const ImageStudy& study, const Registry& registry) {
  auto document = config::encode(study);
  const auto anchor = [](Node& value, const config::Shape& shape) {
    if (shape.form == config::Shape::Form::path && !value.scalar.empty())
      value = config::text_node(fs::absolute(value.scalar).lexically_normal().string());
  };
  for_each_value(document, config::settings_of<ImageStudy>(), registry, anchor);
  return config::to_yaml(document);
}

}  // namespace

bool is_image_study(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return false;
  std::vector<Issue> ignored;
  const auto origin = config::read(read_file(file), file.string(), {}, ignored);
  return origin.document.find("image") != nullptr;
}

ImagePlan make_image_plan(const PlanRequest& request, Components& components) {
  ImagePlan plan;
  plan.file = request.file;
  plan.overrides = request.overrides;
  plan.text = read_file(request.file);
  for (const auto& plugin : request.plugins) components.load(plugin);
  auto loaded = config::load<ImageStudy>(
      plan.text, request.file.string(), components.registry(), request.overrides);
  plan.study = std::move(loaded.value);
  plan.origin = std::move(loaded.origin);
  plan.warnings = std::move(loaded.warnings);
  if (plan.study.name.empty()) plan.study.name = request.file.stem().string();
  try {
    plan.image = plan.study.image.build();
  } catch (const Error& error) {
    plan.origin.throw_if_any({plan.origin.issue("image", error.what(), error.hint())});
  }
  plan.resolved = resolved_text(plan.study, components.registry());
  return plan;
}

}  // namespace femto
