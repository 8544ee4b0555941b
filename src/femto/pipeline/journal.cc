// Keeps the record of a run on disk such that it can be cut off at any moment.
#include "femto/pipeline/journal.h"

#include <limits>

#include <fmt/format.h>
#include <unistd.h>

#include "femto/core/files.h"
#include "femto/core/interrupt.h"
#include "femto/pipeline/manifest.h"
#include "femto/pipeline/run_folder.h"

namespace femto {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

namespace {

double seconds_since(std::chrono::steady_clock::time_point then) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
}

/// The part that a line of metrics.jsonl belongs to; empty if the line is broken.
std::string part_of(const std::string& line) {
  const auto row = nlohmann::json::parse(line, nullptr, false);
  return row.is_object() ? row.value("part", std::string()) : std::string();
}

}  // namespace

/// What a solver or an analysis sees of the journal.
class PartMonitor final : public Monitor {
 public:
  PartMonitor(Journal& journal, std::string part)
      : journal_(journal), part_(std::move(part)) {}

  void report(const Metrics& metrics) override { journal_.report(part_, metrics); }

  void note(std::string_view sentence) override { journal_.note(part_, sentence); }

  bool save_due() override { return journal_.save_due(part_); }

  void save(const io::State& state) override {
    journal_.save(part_, state);
    if (const int signal = interrupt_signal()) throw Interrupted(signal);
  }

  std::optional<io::State> restored() override {
    const std::lock_guard lock(journal_.mutex_);
    return journal_.at(part_).state;
  }

 private:
  Journal& journal_;
  std::string part_;
};

Journal::Journal(fs::path folder,
                 std::string study,
                 const CheckpointSettings& settings,
                 Audience audience)
    : folder_(std::move(folder)),
      study_(std::move(study)),
      settings_(settings),
      audience_(std::move(audience)),
      checkpoints_(folder_ / "checkpoint"),
      metrics_(folder_ / "metrics.jsonl", std::ios::app) {
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  status_ = {{"schema", 1},
             {"study", study_},
             {"status", "running"},
             {"step", ""},
             {"progress", 0.0},
             {"message", ""},
             {"exit_code", nullptr},
             {"pid", getpid()},
             {"host", host},
             {"started", time_stamp()},
             {"updated", time_stamp()},
             {"wall_s", 0.0}};
}

std::vector<std::string> Journal::restore() {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::int64_t> lines;
  std::vector<std::string> warnings;
  if (const auto found = checkpoints_.newest()) {
    const auto& state = found->state;
    if (state.integer("version") != checkpoint_version)
      throw Error(fmt::format("{} was written by another version of Femtograph "
                              "(checkpoint version {}, this program reads {})",
                              found->file.string(),
                              state.integer("version"),
                              checkpoint_version),
                  "resume with the program named in manifest.json, or run again with "
                  "`femto run resolved.yaml`");
    earlier_s_ = state.number("wall_s");
    for (const auto& name : nlohmann::json::parse(state.text("parts"))) {
      const auto part = name.get<std::string>();
      restored_[part] = state.state(part);
      lines[part] = restored_[part].integer("lines");
    }
    warnings = found->warnings;
  }
  cut_metrics([&](const std::string& part) { return lines[part]; });
  return warnings;
}

void Journal::cut_metrics(
    const std::function<std::int64_t(const std::string& part)>& lines) {
  metrics_.close();
  const auto file = folder_ / "metrics.jsonl";
  std::map<std::string, std::int64_t> seen;
  std::string kept;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const auto part = part_of(line);
    if (seen[part]++ < lines(part)) kept += line + '\n';
  }
  write_file_atomically(file, kept);
  metrics_.open(file, std::ios::app);
}

void Journal::add_part(const std::string& part,
                       double weight,
                       std::optional<std::uint64_t> member) {
  const std::lock_guard lock(mutex_);
  Part& p = parts_[part];
  p.weight = weight;
  p.member = member;
  p.last_save = Clock::now();
  const auto found = restored_.find(part);
  if (found == restored_.end()) return;
  const auto& state = found->second;
  p.lines = p.saved_lines = state.integer("lines");
  p.notes = nlohmann::json::parse(state.text("notes")).get<std::vector<std::string>>();
  p.saved_notes = static_cast<std::int64_t>(p.notes.size());
  if (state.integer("has_state")) p.state = state.state("state");
  if (state.integer("has_result")) {
    p.result = state.state("result");
    p.fraction = 1;
  }
}

Journal::Part& Journal::at(const std::string& part) {
  const auto found = parts_.find(part);
  if (found == parts_.end()) throw Bug("the run has no part '" + part + "'");
  return found->second;
}

const Journal::Part& Journal::at(const std::string& part) const {
  return const_cast<Journal*>(this)->at(part);
}

std::unique_ptr<Monitor> Journal::monitor(const std::string& part) {
  return std::make_unique<PartMonitor>(*this, part);
}

std::optional<io::State> Journal::result(const std::string& part) const {
  const std::lock_guard lock(mutex_);
  return at(part).result;
}

std::vector<std::string> Journal::notes(const std::string& part) const {
  const std::lock_guard lock(mutex_);
  return at(part).notes;
}

void Journal::note(const std::string& part, std::string_view sentence) {
  const std::lock_guard lock(mutex_);
  at(part).notes.emplace_back(sentence);
  if (audience_.say) audience_.say(sentence);
}

void Journal::rewind(const std::string& part) {
  const std::lock_guard lock(mutex_);
  Part& p = at(part);
  p.notes.resize(static_cast<std::size_t>(p.saved_notes));
  if (p.lines == p.saved_lines) return;
  p.lines = p.saved_lines;
  cut_metrics([&](const std::string& of) {
    return of == part ? p.lines : std::numeric_limits<std::int64_t>::max();
  });
}

void Journal::finish(const std::string& part, const io::State& result) {
  const std::lock_guard lock(mutex_);
  Part& p = at(part);
  p.result = result;
  p.state.reset();
  p.saved_lines = p.lines;
  p.saved_notes = static_cast<std::int64_t>(p.notes.size());
  p.fraction = 1;
}

void Journal::report(const std::string& part, const Metrics& metrics) {
  const std::lock_guard lock(mutex_);
  Part& p = at(part);
  ordered_json row = {{"t", wall_seconds()}, {"step", metrics.step}, {"part", part}};
  if (p.member) row["member"] = *p.member;
  row["iteration"] = metrics.iteration;
  if (metrics.total) row["total"] = metrics.total;
  for (const auto& [name, value] : metrics.values) row[name] = value;
  metrics_ << row.dump() << '\n' << std::flush;
  ++p.lines;
  if (metrics.total)
    p.fraction = std::min(
        1.0, static_cast<double>(metrics.iteration) / static_cast<double>(metrics.total));
  status_["step"] = metrics.step;
  if (audience_.show)
    audience_.show({metrics.step,
                    metrics.iteration,
                    metrics.total,
                    fraction(),
                    wall_seconds(),
                    metrics.values});
  if (seconds_since(last_status_) >= 1) write_status();
}

bool Journal::save_due(const std::string& part) {
  if (interrupt_signal()) return true;
  const std::lock_guard lock(mutex_);
  Part& p = at(part);
  ++p.polls;
  return (settings_.every > 0 && p.polls >= settings_.every) ||
         seconds_since(p.last_save) >= settings_.seconds;
}

void Journal::save(const std::string& part, const io::State& state) {
  const std::lock_guard lock(mutex_);
  Part& p = at(part);
  const bool anew = state.entries().empty();
  p.state = anew ? std::nullopt : std::optional(state);
  p.saved_lines = anew ? 0 : p.lines;
  p.saved_notes = anew ? 0 : static_cast<std::int64_t>(p.notes.size());
  p.last_save = Clock::now();
  p.polls = 0;
  write_checkpoint();
}

io::State Journal::packed() const {
  io::State all;
  all.put("version", std::int64_t{checkpoint_version});
  all.put("wall_s", wall_seconds());
  nlohmann::json names = nlohmann::json::array();
  for (const auto& [name, p] : parts_) {
    io::State one;
    one.put("lines", p.saved_lines);
    const std::vector<std::string> notes(p.notes.begin(),
                                         p.notes.begin() + p.saved_notes);
    one.put_text("notes", nlohmann::json(notes).dump());
    one.put("has_state", std::int64_t{p.state.has_value()});
    one.put("has_result", std::int64_t{p.result.has_value()});
    if (p.state) one.put_state("state", *p.state);
    if (p.result) one.put_state("result", *p.result);
    all.put_state(name, one);
    names.push_back(name);
  }
  all.put_text("parts", names.dump());
  return all;
}

void Journal::write_checkpoint() {
  checkpoints_.save(packed());
}

void Journal::checkpoint() {
  const std::lock_guard lock(mutex_);
  write_checkpoint();
}

void Journal::stop_if_asked() {
  const int signal = interrupt_signal();
  if (!signal) return;
  checkpoint();
  throw Interrupted(signal);
}

double Journal::wall_seconds() const {
  return earlier_s_ + seconds_since(began_);
}

double Journal::fraction() const {
  double done = 0, all = 0;
  for (const auto& [name, p] : parts_) {
    done += p.weight * p.fraction;
    all += p.weight;
  }
  return all > 0 ? done / all : 0;
}

void Journal::write_status() {
  last_status_ = Clock::now();
  status_["progress"] = fraction();
  status_["updated"] = time_stamp();
  status_["wall_s"] = wall_seconds();
  write_file_atomically(folder_ / "status.json", status_.dump(2) + "\n");
}

void Journal::status(std::string_view state, std::string_view message, int exit_code) {
  const std::lock_guard lock(mutex_);
  status_["status"] = state;
  status_["message"] = message;
  status_["exit_code"] = state == "running" ? ordered_json() : ordered_json(exit_code);
  write_status();
}

}  // namespace femto
