// Sums along two trees at once, each of which carries half of the numbers.
#include <algorithm>

#include "femto/config/registry.h"
#include "femto/exchange/lock_step.h"

namespace femto {
namespace {

using namespace exchange;

constexpr int tree_tag = 20;

/// One edge of a level: who gives its sum upwards to whom.
struct Edge {
  int from = -1, to = -1;
};

/// A tree over blocks of ranks that are powers of two wide. The sum of a block is held by
/// its first rank in one tree and by its last in the other, so that even ranks are inner
/// nodes of one and odd ranks of the other.
struct Tree {
  bool last_holds;
  int ranks;

  /// The edge at this rank in the level that joins blocks of `width`; none: from < 0.
  Edge edge(int rank, int width) const {
    const int start = rank / (2 * width) * (2 * width);
    if (start + width >= ranks) return {};
    const int right_end = std::min(start + 2 * width, ranks);
    const Edge e =
        last_holds ? Edge{start + width - 1, right_end - 1} : Edge{start + width, start};
    return rank == e.from || rank == e.to ? e : Edge{};
  }

  int root() const { return last_holds ? ranks - 1 : 0; }
};

class TwoTrees final : public LockStep {
 public:
  using LockStep::LockStep;

  void gradients(std::uint64_t, std::span<float> gradient) override {
    me_.check(gradient);
    const int ranks = me_.group.size();
    const std::size_t middle = gradient.size() / 2;
    const Half halves[2] = {{{false, ranks}, gradient.first(middle), tree_tag},
                            {{true, ranks}, gradient.subspan(middle), tree_tag + 1}};
    int width = 1;
    for (; width < ranks; width *= 2) up(halves, width);
    for (const auto& half : halves)
      if (me_.group.rank() == half.tree.root())
        for (float& x : half.numbers) x /= static_cast<float>(ranks);
    while (width > 1) down(halves, width /= 2);
    me_.met();
  }

 private:
  struct Half {
    Tree tree;
    std::span<float> numbers;
    int tag;
  };

  Transfer send(const Half& h, int to) {
    return me_.group.send<float>(to, h.tag, h.numbers, me_.gradient, "tree");
  }

  Transfer receive(const Half& h, int from, std::span<float> into) {
    return me_.group.receive<float>(from, h.tag, into, me_.gradient, "tree");
  }

  void up(const Half (&halves)[2], int width) {
    const int me = me_.group.rank();
    Transfer transfers[2];
    for (int i = 0; i < 2; ++i) {
      const auto& h = halves[i];
      const auto e = h.tree.edge(me, width);
      room_[i].resize(h.numbers.size());
      if (me == e.to) transfers[i] = receive(h, e.from, room_[i]);
      if (me == e.from) transfers[i] = send(h, e.to);
    }
    for (int i = 0; i < 2; ++i) {
      const auto& h = halves[i];
      transfers[i].wait();
      if (me != h.tree.edge(me, width).to) continue;
      float* const terms[2] = {h.numbers.data(), room_[i].data()};
      tree_sum<float>(terms, h.numbers.size());
    }
  }

  void down(const Half (&halves)[2], int width) {
    const int me = me_.group.rank();
    Transfer transfers[2];
    for (int i = 0; i < 2; ++i) {
      const auto& h = halves[i];
      const auto e = h.tree.edge(me, width);
      if (me == e.from) transfers[i] = receive(h, e.to, h.numbers);
      if (me == e.to) transfers[i] = send(h, e.from);
    }
    for (auto& t : transfers) t.wait();
  }

  std::vector<float> room_[2];
};

}  // namespace

void register_exchange_double_binary_tree(Registry& r) {
  r.add<Exchange, LockStepExchange<TwoTrees>>({
      .name = "double_binary_tree",
      .summary = "The mean gradient by two trees of half the numbers each; few messages.",
      .source = "Sanders:2009",
  });
}

}  // namespace femto
