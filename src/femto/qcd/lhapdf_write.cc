// Writing LHAPDF6 sets.
#include <algorithm>
#include <cmath>

#include "femto/core/error.h"
#include "femto/core/files.h"
#include "femto/qcd/lhapdf.h"

namespace femto::qcd {
namespace {

template <class Number>
std::string row(const std::vector<Number>& values) {
  std::string text;
  for (const auto v : values) {
    if (!text.empty()) text += ' ';
    if constexpr (std::is_same_v<Number, int>)
      text += fmt::format("{}", v);
    else
      text += fmt::format("{:.9e}", v);
  }
  return text + '\n';
}

std::string dat(const LhapdfMember& member) {
  std::string text = fmt::format("PdfType: {}\nFormat: lhagrid1\n---\n", member.type);
  for (const auto& g : member.subgrids) {
    text += row(g.x) + row(g.q_gev) + row(g.flavours);
    const std::size_t flavours = g.flavours.size();
    expect(g.xf.size() == g.x.size() * g.q_gev.size() * flavours,
           "a subgrid has a density for every knot and flavour");
    for (std::size_t i = 0; i < g.xf.size(); i += flavours)
      for (std::size_t k = 0; k < flavours; ++k)
        text += fmt::format("{:.9e}{}", g.xf[i + k], k + 1 < flavours ? ' ' : '\n');
    text += "---\n";
  }
  return text;
}

/// What the members determine.
void complete(LhapdfSet& set) {
  if (set.members.empty() || set.members[0].subgrids.empty())
    fail("an LHAPDF set without members (there is nothing to write)");
  const auto& first = set.members[0].subgrids;
  for (const auto& member : set.members) {
    bool same = member.subgrids.size() == first.size();
    for (std::size_t g = 0; same && g < first.size(); ++g)
      same = member.subgrids[g].x == first[g].x &&
             member.subgrids[g].q_gev == first[g].q_gev &&
             member.subgrids[g].flavours == first[g].flavours;
    if (!same) fail("members of one LHAPDF set on different knots");
    for (const auto& g : member.subgrids)
      for (const double v : g.xf)
        if (!std::isfinite(v))
          throw NumericalError("a density that is not finite cannot be exported");
  }
  const auto number = [&](const char* key, double v) {
    set.info.set(key, fmt::format("{:.10g}", v));
  };
  set.info.set("Format", "lhagrid1");
  number("NumMembers", static_cast<double>(set.members.size()));
  std::vector<double> ids;
  for (const auto& g : first)
    for (const int id : g.flavours)
      if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  set.info.set("Flavors", ids);
  number("XMin", first[0].x.front());
  number("XMax", first[0].x.back());
  number("QMin", first.front().q_gev.front());
  number("QMax", first.back().q_gev.back());
  for (const auto key : lhapdf_required_keys())
    if (!set.info.has(key))
      fail("an LHAPDF set without {} (users' programs read it)", key);
}

}  // namespace

void write_lhapdf_set(const std::filesystem::path& folder,
                      const std::string& name,
                      LhapdfSet set) {
  complete(set);
  std::filesystem::create_directories(folder / name);
  for (std::size_t i = 0; i < set.members.size(); ++i)
    write_file_atomically(folder / name / fmt::format("{}_{:04}.dat", name, i),
                          dat(set.members[i]));
  std::string text;
  for (const auto& [key, value] : set.info.entries()) {
    const bool quoted =
        value.find(": ") != std::string::npos || value.find('#') != std::string::npos;
    text +=
        fmt::format("{}: {}{}{}\n", key, quoted ? "\"" : "", value, quoted ? "\"" : "");
  }
  write_file_atomically(folder / name / (name + ".info"), text);
}

LhapdfMember lhapdf_member(const Evolution& evolution,
                           std::span<const double> densities,
                           std::span<const double> x,
                           const std::string& type) {
  const auto& grid = evolution.grid();
  const auto& settings = evolution.settings();
  const auto& scales = settings.mu2_gev2;
  expect(densities.size() == scales.size() * flavour_rows * grid.size(),
         "densities are [scale, flavour, node]");
  const int most = evolution.flavours(scales.size() - 1);
  std::vector<int> flavours;
  for (int id = -most; id <= most; ++id)
    if (id != 0) flavours.push_back(id);
  flavours.push_back(21);
  LhapdfMember member{type, {}};
  std::vector<std::size_t> used;  // scales of the subgrid at hand
  const auto close = [&] {
    LhapdfSubgrid g{{x.begin(), x.end()}, {}, flavours, {}};
    for (const auto k : used) g.q_gev.push_back(std::sqrt(scales[k]));
    for (const double at : x)
      for (const auto k : used)
        for (const int id : flavours) {
          const auto row = k * flavour_rows + flavour_row(id == 21 ? 0 : id);
          const auto values = densities.subspan(row * grid.size(), grid.size());
          g.xf.push_back(at == 1 ? 0 : grid.interpolate(values, at));
        }
    if (used.size() < 2)
      fail("only {} scale between two thresholds (a subgrid needs two)", used.size());
    member.subgrids.push_back(std::move(g));
  };
  for (std::size_t k = 0; k < scales.size(); ++k) {
    const int joined = k ? evolution.flavours(k) - evolution.flavours(k - 1) : 0;
    if (joined > 0) {
      const double threshold =
          settings.coupling.flavours.threshold(evolution.flavours(k));
      if (joined > 1 || scales[k] != threshold)
        fail("no scale at the threshold mu2 = {} GeV2 (subgrids meet there)", threshold);
      used.push_back(k);
      close();
      used.clear();
    }
    used.push_back(k);
  }
  close();
  return member;
}

}  // namespace femto::qcd
